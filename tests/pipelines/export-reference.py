"""Exports models with random weights by pipelines/export/to_onnx.py, and writes what PyTorch makes of the same pictures: export-reference.py FOLDER"""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
from oml.models import ConcatSiamese, ExtractorWithMLP, LinearTrivialDistanceSiamese, ResnetExtractor
from oml.registry.transforms import get_transforms
from PIL import Image

here, folder = Path(__file__).parent, Path(sys.argv[1])
sys.path[:0] = [str(here), str(here.parent.parent / "pipelines" / "export")]
models, to_onnx = importlib.import_module("export-models"), importlib.import_module("to_onnx")
own = str(here / "export-models.py")
torch.manual_seed(0)
random = np.random.default_rng(0)

paths = [f"{i}.png" for i in range(6)]
for i, path in enumerate(paths):
    # Wider than high: of others Pillow 13 takes rows before columns, unlike those before it.
    blocks = random.integers(0, 256, (6, 5 + i, 3), dtype=np.uint8)
    Image.fromarray(blocks).resize((80 + 9 * i, 71), Image.Resampling.BICUBIC).save(folder / path)

reference = {"paths": paths, "embeddings": {}, "distances": {}}
resnet = {"arch": "resnet18", "gem_p": None, "remove_fc": True, "normalise_features": False}


def pictures(transform, oml=True):
    opened = [Image.open(folder / path).convert("RGB") for path in paths]
    albu = oml and "albu" in type(transform).__module__
    return torch.stack([transform(image=np.asarray(one))["image"] if albu else transform(one) for one in opened])


def export(name, model, module, *options, prefix=""):
    """The weights go through a checkpoint, as those of a training do."""
    state = {f"{prefix}{key}": value for key, value in module.state_dict().items()}
    torch.save({"state_dict": state}, folder / f"{name}.ckpt")
    if to_onnx.main([model, "-o", str(folder / f"{name}.onnx"), "--weights", str(folder / f"{name}.ckpt"), *options]) != 0:
        sys.exit(1)
    return module.eval()


@torch.no_grad()
def extractor(name, model, module, transform, *options, **more):
    reference["embeddings"][name] = export(name, model, module, *options, **more)(pictures(transform)).tolist()


@torch.no_grad()
def siamese(name, model, module, items, *options):
    predict = export(name, model, module, *options, prefix="model.").predict
    reference["distances"][name] = [predict(one.expand_as(items), items).tolist() for one in items]


small = [f"{own}:small", "--args", '{"dim": 12}', "--transform", f"{own}:small_transform"]
extractor("small", small[0], models.small(12), models.small_transform(), *small[1:], prefix="model.")
square = get_transforms("norm_resize_torch", im_size=64)
side = ["--transform", "norm_resize_torch", "--size", "64"]
extractor("resnet", "oml:ResnetExtractor", ResnetExtractor(weights=None, **resnet), square, "--args", json.dumps(resnet), *side, prefix="model.")

nested = {"extractor": {"name": "resnet", "args": resnet}}
mlp = ExtractorWithMLP(ResnetExtractor(weights=None, **resnet), [24, 16])
padded = get_transforms("norm_resize_albu", im_size=64)
options = ["--args", json.dumps({**nested, "mlp_features": [24, 16]}), "--transform", "norm_resize_albu", "--size", "64"]
extractor("mlp", "oml:extractor_with_mlp", mlp, padded, *options)

concat = ConcatSiamese(ResnetExtractor(weights=None, **resnet), [10], use_tta=True)
# Random heads give nearly the same distance to all pairs.
concat.head[0].weight.data *= 30
concat.head[-2].weight.data *= 30
options = ["--args", json.dumps({**nested, "mlp_hidden_dims": [10], "use_tta": True}), *side]
siamese("concat", "oml:ConcatSiamese", concat, pictures(square), *options)

linear = LinearTrivialDistanceSiamese(feat_dim=12, identity_init=False)
vectors = torch.tensor(reference["embeddings"]["small"])
siamese("linear", "oml:linear_siamese", linear, vectors, "--args", '{"feat_dim": 12, "identity_init": true}', "--shape", "12")

words = models.Words()
tokenizer = here.parent / "fixtures" / "text" / "bert.json"
spec = '{"pooling": "mean", "normalise": true, "input": {"max-length": 16}}'
export("words", f"{own}:Words", words, "--tokenizer", str(tokenizer), "--spec", spec)
reference["words"] = words.words.weight.tolist()

# What OML's zoo says of its transforms, as steps.
names = ["norm_resize_albu", "norm_resize_albu_clip", "norm_resize_torch", "norm_resize_hypvit_torch", "unicom_transforms"]
made = {name: get_transforms(name, im_size=224) for name in names}
reference["steps"] = {name: to_onnx.steps_of(transform) for name, transform in made.items()}

(folder / "reference.json").write_text(json.dumps(reference))
