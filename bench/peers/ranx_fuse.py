"""Fusions by ranx."""

from importlib.metadata import version
from itertools import islice
from time import perf_counter

import numpy as np
from peer import answer, task
from ranx import Run, fuse


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


runs = [by_query(path) for path in task["runs"]]
seconds, scores = {}, {}
for method in task["methods"]:
    # So that numba has compiled what is measured.
    fused([dict(islice(run.items(), 200)) for run in runs], method)
    seconds[method], run = fused(runs, method)
    scores[method] = float(np.mean([max(documents.values()) for documents in run.to_dict().values()]))
answer(seconds=seconds, versions={"ranx": version("ranx")}, metrics=scores)
