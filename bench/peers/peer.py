"""What the peers have in common: what they are asked, how they are timed, and what they answer. See SearchArgument in bench/child.ts."""

import json
import platform
import resource
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Callable

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

SAMPLE, WARM_ROWS, WARM_SINGLE = 10, 512, 10

task = json.loads(sys.argv[1])


def load(name: str) -> np.ndarray:
    return np.load(Path(task["folder"]) / f"{name}.npy")


def load_pair() -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Queries, gallery, and the gallery row of every query where it is an item of the gallery (its own result it cannot be)."""
    count, gallery = task["queries"], load("g")
    if task["form"] == "self":
        return gallery[:count], gallery, np.arange(count)
    return load("q")[:count], gallery, None


def measure(search: Callable, queries, own) -> tuple[float, list]:
    """Seconds of search(queries, own) -> ids, or the median of single queries, and the ids of the first queries."""
    if task["form"] == "single":
        for i in range(min(WARM_SINGLE, len(queries))):
            search(queries[i : i + 1], None)
        latencies, sample = [], []
        for i in range(len(queries)):
            start = perf_counter()
            ids = search(queries[i : i + 1], None)
            latencies.append(perf_counter() - start)
            if i < SAMPLE:
                sample += [[int(id) for id in row] for row in ids]
        return median(latencies), sample
    search(queries[:WARM_ROWS], None if own is None else own[:WARM_ROWS])
    start = perf_counter()
    ids = search(queries, own)
    seconds = perf_counter() - start
    return seconds, [[int(id) for id in row] for row in ids[:SAMPLE]]


def without_own(ids: np.ndarray, own: np.ndarray) -> np.ndarray:
    """A mask of k + 1 results that leaves out the query's own row, or the last where that is not among them."""
    keep = ids != own[:, None]
    keep[keep.all(axis=1), -1] = False
    return keep


def peak_rss() -> float:
    """Largest resident set so far, in MB (10^6 bytes)."""
    # Linux counts in KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def answer(**measurement) -> None:
    """Prints one line of JSON; `versions` gets the matrix kernels that really ran, and their threads, beside the libraries."""
    kernels = [
        f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')} x{pool['num_threads']}"
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]
    versions = {"python": platform.python_version(), "numpy": np.__version__, **measurement.pop("versions")}
    print(json.dumps({"peakRss": peak_rss(), "versions": versions, "kernels": kernels, **measurement}))


def limit_threads() -> None:
    """To be called when the libraries are imported."""
    threadpool_limits(task["threads"])
