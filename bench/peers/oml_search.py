"""OML: search, RetrievalResults and metrics. python oml_search.py FOLDER K THREADS METRICS -> one line of JSON."""

import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import oml
import torch
from oml.functional.knn import batched_knn_qg
from oml.metrics.embeddings import calc_retrieval_metrics_rr
from oml.retrieval.retrieval_results import RetrievalResults
from peer import answer

folder, k, threads, names = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].split(",")
torch.set_num_threads(threads)
queries, gallery = (torch.from_numpy(np.load(folder / f"{side}.npy")) for side in "qg")
labels_q, labels_g = (torch.from_numpy(np.load(folder / f"{side}_labels.npy")).long() for side in "qg")
categories = torch.from_numpy(np.load(folder / "q_categories.npy")).numpy()


def top_k(family: str) -> tuple[int, ...]:
    return tuple(int(name.split("@")[1]) for name in names if name.startswith(f"{family}@"))


start = perf_counter()
# What RetrievalResults.from_embeddings_qg does, without the dataset objects around it.
distances, ids, ground_truth = batched_knn_qg(queries, gallery, top_n=k, labels_query=labels_q, labels_gallery=labels_g)
searched = perf_counter()
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
    {"search": searched - start, "RR + metrics": done - searched, "search + metrics": done - start},
    {"open-metric-learning": oml.__version__, "torch": torch.__version__, "numpy": np.__version__},
    overall,
)
