"""faiss-cpu IndexFlatL2: one search with all queries."""

from time import perf_counter

import faiss
from peer import answer, limit_threads, load_pair, measure, task, without_own

limit_threads()
faiss.omp_set_num_threads(task["threads"])
queries, gallery, own = load_pair()
k = task["k"]

start = perf_counter()
index = faiss.IndexFlatL2(gallery.shape[1])
index.add(gallery)
opened = perf_counter() - start


def search(rows, own):
    if own is None:
        return index.search(rows, k)[1]
    distances, ids = index.search(rows, k + 1)
    keep = without_own(ids, own)
    distances = distances[keep].reshape(-1, k)
    return ids[keep].reshape(-1, k)


seconds, sample = measure(search, queries, own)
answer(seconds={"open": opened, "search": seconds}, sample=sample, versions={"faiss-cpu": faiss.__version__})
