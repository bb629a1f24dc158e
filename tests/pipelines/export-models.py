"""Models and transforms of one's own, as users of pipelines/export/to_onnx.py write them."""

import torch
from torch import nn


class Small(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, dim))

    def forward(self, pictures):
        return self.net(pictures)


def small(dim=8):
    return Small(dim)


def small_transform():
    import torchvision.transforms as t

    return t.Compose([t.Resize(40), t.CenterCrop(32), t.ToTensor(), t.Normalize([0.5, 0.4, 0.3], [0.25, 0.25, 0.5])])


def mirrored_edges():
    import albumentations as albu

    return albu.Compose([albu.PadIfNeeded(8, 8, border_mode=4), albu.Normalize()])


class Words(nn.Module):
    """Vectors of tokens, as models of Hugging Face give them."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(200, 6)

    def forward(self, input_ids, attention_mask):
        return {"last_hidden_state": torch.tanh(self.words(input_ids)) * attention_mask.unsqueeze(-1)}


class Unfaithful(nn.Module):
    """What it gives depends on Python's own arithmetic, which an export freezes."""

    calls = 0

    def forward(self, pictures):
        self.calls += 1
        return pictures.mean((2, 3)) * self.calls


class Pixels(nn.Module):
    def forward(self, pictures):
        return pictures * 2
