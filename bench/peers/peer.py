"""What the peers have in common: their answer to the benchmark that started them."""

import json
import platform
import resource


def peak_rss() -> float:
    """Largest resident set so far, in MB (10^6 bytes)."""
    # Linux counts in KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def answer(seconds: dict, versions: dict, metrics: dict | None = None, notes: dict | None = None) -> None:
    versions = {"python": platform.python_version(), **versions}
    print(json.dumps({"seconds": seconds, "peakRss": peak_rss(), "versions": versions, "metrics": metrics, "notes": notes}))
