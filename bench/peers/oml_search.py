"""OML: batched_knn."""

import oml
import torch
from oml.functional.knn import batched_knn, batched_knn_qg
from peer import answer, limit_threads, load_pair, measure, task

limit_threads()
torch.set_num_threads(task["threads"])
queries, gallery, own = (None if array is None else torch.from_numpy(array) for array in load_pair())
everything = torch.arange(len(gallery))


def search(rows, own):
    if own is None:
        return batched_knn_qg(rows, gallery, top_n=task["k"])[1]
    return batched_knn(gallery, ids_query=own, ids_gallery=everything, top_n=task["k"])[1]


seconds, sample = measure(search, queries, own)
answer(
    seconds={"search": seconds},
    sample=sample,
    versions={"open-metric-learning": oml.__version__, "torch": torch.__version__},
)
