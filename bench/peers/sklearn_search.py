"""scikit-learn: NearestNeighbors by brute force."""

import sklearn
from peer import answer, limit_threads, load_pair, measure, task, without_own
from sklearn.neighbors import NearestNeighbors

limit_threads()
queries, gallery, own = load_pair()
k = task["k"]
neighbors = NearestNeighbors(algorithm="brute", n_jobs=task["threads"]).fit(gallery)


def search(rows, own):
    if own is None:
        return neighbors.kneighbors(rows, k)[1]
    distances, ids = neighbors.kneighbors(rows, k + 1)
    keep = without_own(ids, own)
    distances = distances[keep].reshape(-1, k)
    return ids[keep].reshape(-1, k)


seconds, sample = measure(search, queries, own)
answer(seconds={"search": seconds}, sample=sample, versions={"scikit-learn": sklearn.__version__})
