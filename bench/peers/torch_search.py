"""torch: distances block by block, by a matrix product (`how`: matmul) or by cdist, then topk."""

import torch
from peer import answer, limit_threads, load_pair, measure, task

BLOCK = 1000

limit_threads()
torch.set_num_threads(task["threads"])
queries, gallery, own = (None if array is None else torch.from_numpy(array) for array in load_pair())
squares = (gallery * gallery).sum(dim=1)
transposed = gallery.T


def search_block(rows, own):
    matmul = task["how"] == "matmul"
    scores = torch.addmm(squares, rows, transposed, alpha=-2) if matmul else torch.cdist(rows, gallery)
    if own is not None:
        scores[torch.arange(len(rows)), own] = torch.inf
    values, ids = torch.topk(scores, task["k"], largest=False)
    if matmul:
        values.add_((rows * rows).sum(dim=1, keepdim=True)).clamp_(min=0).sqrt_()
    return values, ids


@torch.inference_mode()
def search(queries, own):
    starts = range(0, len(queries), BLOCK)
    found = [search_block(queries[i : i + BLOCK], None if own is None else own[i : i + BLOCK]) for i in starts]
    return torch.cat([ids for _, ids in found])


seconds, sample = measure(search, queries, own)
answer(seconds={"search": seconds}, sample=sample, versions={"torch": torch.__version__})
