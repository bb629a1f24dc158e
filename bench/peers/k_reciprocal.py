"""k-reciprocal re-ranking (Zhong et al., CVPR 2017) in dense matrices, all items against all.

Written from the definition, in the form that the authors published: all distances, all ranks and all features as matrices of n x n, a loop over the
rows. Conventions: see `kReciprocal` in src/postprocess/k-reciprocal/k-reciprocal.ts.
"""

import numpy as np


def rerank(distances: np.ndarray, k1: int = 20, k2: int = 6, weight: float = 0.3) -> np.ndarray:
    """New distances of all rows from their squared distances, [n x n], symmetric; each row is first in its own order."""
    n = len(distances)
    relative = distances / np.maximum(distances.max(axis=1, keepdims=True), np.finfo(distances.dtype).tiny)
    np.fill_diagonal(distances, -1)
    ranks = np.argsort(distances, axis=1, kind="stable")
    half = int(np.around(k1 / 2))

    def reciprocal(i: int, k: int) -> np.ndarray:
        forward = ranks[i, : k + 1]
        return forward[(ranks[forward, : k + 1] == i).any(axis=1)]

    features = np.zeros_like(relative)
    for i in range(n):
        own = reciprocal(i, k1)
        expanded = [own]
        for j in own:
            others = reciprocal(j, half)
            if len(np.intersect1d(others, own, assume_unique=True)) * 3 > 2 * len(others):
                expanded.append(others)
        members = np.unique(np.concatenate(expanded))
        weights = np.exp(-relative[i, members])
        features[i, members] = weights / weights.sum()
    if k2 > 1:
        features = np.stack([features[ranks[i, :k2]].mean(axis=0) for i in range(n)])
    holders = [np.flatnonzero(features[:, j]) for j in range(n)]

    jaccard = np.empty_like(relative)
    for i in range(n):
        least = np.zeros(n, dtype=relative.dtype)
        for j in np.flatnonzero(features[i]):
            least[holders[j]] += np.minimum(features[i, j], features[holders[j], j])
        jaccard[i] = 1 - least / (2 - least)
    return jaccard * (1 - weight) + relative * weight


def measures(final: np.ndarray, labels: np.ndarray, k: int = 100) -> dict:
    """OML's cmc@1 and map@k of all against all."""
    np.fill_diagonal(final, np.inf)
    hits = labels[np.argsort(final, axis=1, kind="stable")[:, :k]] == labels[:, None]
    precision = hits.cumsum(axis=1) / np.arange(1, k + 1)
    means = (precision * hits).sum(axis=1) / np.maximum(hits.sum(axis=1), 1)
    return {"cmc@1": float(hits[:, 0].mean()), f"map@{k}": float(means.mean())}


def main() -> None:
    from time import perf_counter

    from peer import answer, load, peak_rss

    vectors, labels = load("vectors"), load("labels")
    norms = np.einsum("ij,ij->i", vectors, vectors)
    squares = vectors @ vectors.T
    squares *= -2
    squares += norms
    squares += norms[:, None]
    np.maximum(squares, 0, out=squares)
    before = peak_rss()
    start = perf_counter()
    final = rerank(squares)
    seconds = perf_counter() - start
    grown = peak_rss() - before
    answer(seconds={"k-reciprocal": seconds}, versions={}, metrics=measures(final, labels), notes={"grown": grown})


if __name__ == "__main__":
    main()
