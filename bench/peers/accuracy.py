"""The nearest k of every query by FAISS, OML and scikit-learn: ids and distances."""

import faiss
import numpy as np
import oml
import sklearn
import torch
from oml.functional.knn import batched_knn_qg
from peer import answer, limit_threads, load_pair, task
from sklearn.metrics import euclidean_distances

limit_threads()
faiss.omp_set_num_threads(task["threads"])
torch.set_num_threads(task["threads"])
queries, gallery, _ = load_pair()
k = task["k"]


def by_faiss():
    index = faiss.IndexFlatL2(gallery.shape[1])
    index.add(gallery)
    squares, ids = index.search(queries, k)
    return ids, np.sqrt(squares)


def by_oml():
    distances, ids, _ = batched_knn_qg(torch.from_numpy(queries), torch.from_numpy(gallery), top_n=k)
    return np.stack([row.numpy() for row in ids]), np.stack([row.numpy() for row in distances])


def by_sklearn():
    distances = euclidean_distances(queries, gallery)
    ids = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return ids, np.take_along_axis(distances, ids, axis=1)


def lists(ids: np.ndarray, distances: np.ndarray) -> dict:
    return {"ids": ids.tolist(), "distances": distances.tolist()}


answer(
    seconds={},
    versions={
        "faiss-cpu": faiss.__version__,
        "open-metric-learning": oml.__version__,
        "torch": torch.__version__,
        "scikit-learn": sklearn.__version__,
    },
    answers={
        "FAISS IndexFlatL2": lists(*by_faiss()),
        "OML (torch.cdist)": lists(*by_oml()),
        "scikit-learn euclidean_distances": lists(*by_sklearn()),
    },
)
