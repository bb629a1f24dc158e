"""IR measures by pytrec_eval or ranx, from dictionaries in memory to means."""

from importlib.metadata import version
from itertools import islice
from time import perf_counter

import numpy as np
from peer import answer, task

peer, names = task["peer"], task["metrics"].split(",")

# Names in ir_measures' notation, as the peer writes them; of ranx with the cut-off after an @.
PYTREC_EVAL = {"Success": "success", "P": "P", "R": "recall", "AP": "map", "RR": "recip_rank", "nDCG": "ndcg_cut", "Rprec": "Rprec"}
RANX = {"Success": "hit_rate", "P": "precision", "R": "recall", "AP": "map", "RR": "mrr", "nDCG": "ndcg", "Rprec": "r-precision"}


def translated(name: str, table: dict, separator: str) -> str:
    family, _, cutoff = name.partition("@")
    return table[family] + (separator + cutoff if cutoff else "")


def by_query(path: str, column: int, number: type) -> dict:
    queries = {}
    with open(path) as lines:
        for line in lines:
            fields = line.split()
            queries.setdefault(fields[0], {})[fields[2]] = number(fields[column])
    return queries


def pytrec_eval_metrics(qrels: dict, run: dict) -> tuple[float, float, dict]:
    import pytrec_eval

    ours = {translated(name, PYTREC_EVAL, "_"): name for name in names}
    start = perf_counter()
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, set(ours))
    built = perf_counter()
    values = evaluator.evaluate(run)
    # As the package's own examples take means.
    means = {name: float(np.mean([query[theirs] for query in values.values()])) for theirs, name in ours.items()}
    return built - start, perf_counter() - built, means


def ranx_metrics(qrels: dict, run: dict) -> tuple[float, float, dict]:
    import ranx

    ours = {translated(name, RANX, "@"): name for name in names}
    start = perf_counter()
    qrels, run = ranx.Qrels(qrels), ranx.Run(run)
    built = perf_counter()
    values = ranx.evaluate(qrels, run, list(ours))
    return built - start, perf_counter() - built, {name: float(values[theirs]) for theirs, name in ours.items()}


measure = {"pytrec_eval": pytrec_eval_metrics, "ranx": ranx_metrics}[peer]
start = perf_counter()
qrels, run = by_query(task["qrels"], 3, int), by_query(task["run"], 4, float)
read = perf_counter() - start
# So that numba has compiled what is measured.
some = dict(islice(qrels.items(), 500))
measure(some, {query: run[query] for query in some})
build, metrics, means = measure(qrels, run)
package = {"pytrec_eval": "pytrec-eval-terrier", "ranx": "ranx"}[peer]
answer(seconds={"build": read + build, "metrics": metrics}, versions={package: version(package)}, metrics=means)
