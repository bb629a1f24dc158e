"""pytrec_eval: a run and qrels from text to ten measures."""

import importlib.metadata
from time import perf_counter

import pytrec_eval
from peer import answer, task

# trec_eval's names, and those of ir_measures.
NAMES = {
    "success_1": "Success@1",
    "P_5": "P@5",
    "P_10": "P@10",
    "recall_10": "R@10",
    "recall_100": "R@100",
    "map": "AP",
    "recip_rank": "RR",
    "ndcg_cut_10": "nDCG@10",
    "ndcg_cut_100": "nDCG@100",
    "Rprec": "Rprec",
}
MEASURES = {"success.1", "P.5,10", "recall.10,100", "map", "recip_rank", "ndcg_cut.10,100", "Rprec"}

start = perf_counter()
with open(task["run"]) as file:
    run = pytrec_eval.parse_run(file)
with open(task["qrels"]) as file:
    qrels = pytrec_eval.parse_qrel(file)
read = perf_counter()
by_query = pytrec_eval.RelevanceEvaluator(qrels, MEASURES).evaluate(run)
metrics = {ours: sum(values[theirs] for values in by_query.values()) / len(by_query) for theirs, ours in NAMES.items()}
done = perf_counter()
answer(
    seconds={"read": read - start, "measures": done - read, "text to metrics": done - start},
    versions={"pytrec-eval-terrier": importlib.metadata.version("pytrec-eval-terrier")},
    metrics=metrics,
)
