"""OML from vectors in memory to metrics: search with ground truth, RetrievalResults and metrics overall and by category."""

from math import isnan
from time import perf_counter

import oml
import torch
from oml.functional.knn import batched_knn_qg
from oml.metrics.embeddings import calc_retrieval_metrics_rr
from oml.retrieval.retrieval_results import RetrievalResults
from peer import answer, limit_threads, load, task

limit_threads()
torch.set_num_threads(task["threads"])
queries, gallery = (torch.from_numpy(load(side)) for side in "qg")
labels_q, labels_g = (torch.from_numpy(load(f"{side}_labels")).long() for side in "qg")
categories = load("q_categories")
names = task["metrics"].split(",")


def top_k(family: str) -> tuple[int, ...]:
    return tuple(int(name.split("@")[1]) for name in names if name.startswith(f"{family}@"))


start = perf_counter()
# What RetrievalResults.from_embeddings_qg does, without the dataset objects around it.
distances, ids, ground_truth = batched_knn_qg(queries, gallery, top_n=task["k"], labels_query=labels_q, labels_gallery=labels_g)
rr = RetrievalResults(distances=distances, retrieved_ids=ids, gt_ids=ground_truth)
metrics = calc_retrieval_metrics_rr(
    rr,
    query_categories=categories,
    cmc_top_k=top_k("cmc"),
    precision_top_k=top_k("precision"),
    map_top_k=top_k("map"),
    verbose=False,
)
done = perf_counter()

overall = {f"{family}@{at}": float(value) for family, by_k in metrics["OVERALL"].items() for at, value in by_k.items()}
answer(
    seconds={"search + metrics": done - start},
    versions={"open-metric-learning": oml.__version__, "torch": torch.__version__},
    # Its precision is 0/0 when a query has no relevant items, as happens in a small gallery.
    metrics={name: None if isnan(value) else value for name, value in overall.items()},
)
