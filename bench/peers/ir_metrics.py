"""IR measures by pytrec_eval or ranx: python ir_metrics.py PEER FOLDER METRICS -> one line of JSON."""

import sys
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import numpy as np
from peer import answer

peer, folder, names = sys.argv[1], Path(sys.argv[2]), sys.argv[3].split(",")
retrieved, relevant, gains = (np.load(folder / f"{name}.npy").tolist() for name in ("retrieved", "relevant", "gains"))
WARM = 500

# Names in ir_measures' notation, as the peer writes them; of ranx with the cut-off after an @.
PYTREC_EVAL = {"Success": "success", "P": "P", "R": "recall", "AP": "map", "RR": "recip_rank", "nDCG": "ndcg_cut", "Rprec": "Rprec"}
RANX = {"Success": "hit_rate", "P": "precision", "R": "recall", "AP": "map", "RR": "mrr", "nDCG": "ndcg", "Rprec": "r-precision"}


def translated(name: str, table: dict, separator: str) -> str:
    family, _, cutoff = name.partition("@")
    return table[family] + (separator + cutoff if cutoff else "")


def dictionaries(queries: int) -> tuple[dict, dict]:
    qrels = {f"q{q}": {f"d{d}": int(g) for d, g in zip(relevant[q], gains[q])} for q in range(queries)}
    run = {f"q{q}": {f"d{d}": float(-rank) for rank, d in enumerate(retrieved[q])} for q in range(queries)}
    return qrels, run


def pytrec_eval_metrics(queries: int) -> tuple[float, float, dict]:
    import pytrec_eval

    ours = {translated(name, PYTREC_EVAL, "_"): name for name in names}
    start = perf_counter()
    qrels, run = dictionaries(queries)
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, set(ours))
    built = perf_counter()
    values = evaluator.evaluate(run)
    # As the package's own examples take means.
    means = {name: float(np.mean([query[theirs] for query in values.values()])) for theirs, name in ours.items()}
    return built - start, perf_counter() - built, means


def ranx_metrics(queries: int) -> tuple[float, float, dict]:
    import ranx

    ours = {translated(name, RANX, "@"): name for name in names}
    start = perf_counter()
    qrels, run = dictionaries(queries)
    qrels, run = ranx.Qrels(qrels), ranx.Run(run)
    built = perf_counter()
    values = ranx.evaluate(qrels, run, list(ours))
    return built - start, perf_counter() - built, {name: float(values[theirs]) for theirs, name in ours.items()}


measure = {"pytrec_eval": pytrec_eval_metrics, "ranx": ranx_metrics}[peer]
measure(min(WARM, len(retrieved)))
build, metrics, means = measure(len(retrieved))
package = {"pytrec_eval": "pytrec-eval-terrier", "ranx": "ranx"}[peer]
answer({"build": build, "metrics": metrics}, {package: version(package), "numpy": np.__version__}, means)
