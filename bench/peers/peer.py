"""What the peers have in common: their answer to the benchmark that started them."""

import json
import platform
import resource


def answer(seconds: dict, versions: dict, metrics: dict | None = None) -> None:
    # Linux counts in KiB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    versions = {"python": platform.python_version(), **versions}
    print(json.dumps({"seconds": seconds, "peakRss": peak, "versions": versions, "metrics": metrics}))
