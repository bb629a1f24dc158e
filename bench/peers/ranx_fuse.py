"""Fusions by ranx: python ranx_fuse.py RUN1 RUN2 METHODS -> one line of JSON."""

import sys
from importlib.metadata import version
from itertools import islice
from time import perf_counter

import numpy as np
from peer import answer
from ranx import Run, fuse

*files, names = sys.argv[1:4]


def by_query(path: str) -> dict:
    queries = {}
    with open(path) as lines:
        for line in lines:
            fields = line.split()
            queries.setdefault(fields[0], {})[fields[2]] = float(fields[4])
    return queries


def fused(runs: list[dict], method: str) -> tuple[float, Run]:
    runs = [Run(run) for run in runs]
    params = {"params": {"k": 60}} if method == "rrf" else {}
    start = perf_counter()
    run = fuse(runs=runs, norm="min-max", method=method, **params)
    return perf_counter() - start, run


runs = [by_query(path) for path in files]
seconds, scores = {}, {}
for method in names.split(","):
    # So that numba has compiled what is measured.
    fused([dict(islice(run.items(), 200)) for run in runs], method)
    seconds[method], run = fused(runs, method)
    scores[method] = float(np.mean([max(documents.values()) for documents in run.to_dict().values()]))
answer(seconds, {"ranx": version("ranx"), "numpy": np.__version__}, scores)
