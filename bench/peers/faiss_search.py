"""faiss-cpu IndexFlatL2: python faiss_search.py FOLDER K THREADS -> one line of JSON."""

import sys
from pathlib import Path
from time import perf_counter

import faiss
import numpy as np
from peer import answer

folder, k, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
faiss.omp_set_num_threads(threads)
queries, gallery = np.load(folder / "q.npy"), np.load(folder / "g.npy")

start = perf_counter()
index = faiss.IndexFlatL2(gallery.shape[1])
index.add(gallery)
opened = perf_counter()
index.search(queries[:512], k)
warm = perf_counter()
index.search(queries, k)
done = perf_counter()

answer({"open": opened - start, "search": done - warm}, {"faiss-cpu": faiss.__version__, "numpy": np.__version__})
