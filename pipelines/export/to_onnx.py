"""
Exports a PyTorch model to ONNX, with what rankstream has to know of it in the metadata of the file (key "rankstream", JSON).

    python to_onnx.py oml:ViTExtractor --weights vits16_dino -o vits16.onnx
    python to_onnx.py oml:vit --args '{"arch": "vits16", "normalise_features": false}' --weights best.ckpt --transform norm_resize_torch -o mine.onnx
    python to_onnx.py oml:ConcatSiamese --args '{"extractor": {"name": "vit", "args": {...}}, "mlp_hidden_dims": [100]}' --weights stir.ckpt ...
    python to_onnx.py my_model.py:make_model --transform my_model.py:make_transform -o mine.onnx
    python to_onnx.py my_texts.py:make_model --tokenizer tokenizer.json -o texts.onnx

A model whose forward takes x1 and x2 compares pairs, for re-ranking: its `predict`, where it has one, gives their distances. All others give embeddings.
The file takes batches of any size, and is written only if ONNX Runtime finds in it what PyTorch does, to 1e-4.

Needs torch (2.6 or newer), onnx, onnxscript and onnxruntime; for OML's models open-metric-learning.
"""

import argparse
import importlib
import importlib.util
import inspect
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxscript import opset18 as op

TOLERANCE = 1e-4
NAMED_TRANSFORMS = {  # those of OML, and which of their arguments are the side of a picture
    "norm_albu": [],
    "norm_resize_albu": ["size"],
    "norm_resize_albu_clip": ["size"],
    "norm_torch": [],
    "norm_resize_torch": ["size"],
    "norm_resize_hypvit_torch": ["size", "crop"],
    "unicom_transforms": ["size"],
}
PLAIN = {  # Arguments of steps that would change pictures in a way that is not written down: what they must be.
    "Resize": {"max_size": None},
    "CenterCrop": {"pad_if_needed": False},
    "PadIfNeeded": {"border_mode": 0, "position": "center", "pad_height_divisor": None, "pad_width_divisor": None},
    "Normalize": {"max_pixel_value": 255, "normalization": "standard"},
}


class Mistake(Exception):
    """Of the user: told in one line."""


# Models


def build(name: str, args: dict = {}, weights: str | None = None) -> torch.nn.Module:
    """A model by its name and arguments; an argument {"name": ..., "args": {...}} is a model in turn, as in OML's configs."""
    factory = find(name if ":" in name else f"oml:{name}")
    parameters = inspect.signature(factory).parameters
    pretrained = getattr(factory, "pretrained_models", {})
    if weights is not None and weights not in pretrained and not Path(weights).is_file():
        raise Mistake(f"{weights}: there is no such file" + (f" (nor a model of that name in OML's zoo: {', '.join(pretrained)})" if pretrained else ""))
    known = pretrained.get(weights, {})
    args = {key: build(**value) if is_model(value) else value for key, value in {**known.get("init_args", {}), **args}.items()}
    if "extractor_creator" in args:
        args["extractor"] = args.pop("extractor_creator")()
    if "weights" in parameters and (weights is not None or parameters["weights"].default is inspect.Parameter.empty):
        args["weights"] = weights if weights is not None else args.get("weights")
    try:
        inspect.signature(factory).bind(**args)
    except TypeError as error:
        raise Mistake(f"{name}: {error}; it takes {inspect.signature(factory)}")
    model = factory(**args)
    if weights is not None and "weights" not in parameters:
        load(model, weights)
    return model


def is_model(value) -> bool:
    return isinstance(value, dict) and "name" in value and value.keys() <= {"name", "args", "weights"}


def find(name: str):
    """What FILE.py:NAME, MODULE:NAME, or oml:NAME stands for."""
    place, _, attribute = name.rpartition(":")
    if place == "oml":
        import oml.models
        from oml.registry.models import EXTRACTORS_REGISTRY, PAIRWISE_MODELS_REGISTRY

        classes = {key: value for key, value in vars(oml.models).items() if inspect.isclass(value)}
        known = {**EXTRACTORS_REGISTRY, **PAIRWISE_MODELS_REGISTRY, **classes}
        if attribute not in known:
            raise Mistake(f'OML has no model "{attribute}" (there are: {", ".join(sorted(known))})')
        return known[attribute]
    if place.endswith(".py"):
        if not Path(place).is_file():
            raise Mistake(f"{place}: there is no such file")
        sys.path.insert(0, str(Path(place).resolve().parent))
        place = Path(place).stem
    module = importlib.import_module(place)
    if not hasattr(module, attribute):
        raise Mistake(f'{place} has no "{attribute}"')
    return getattr(module, attribute)


def load(model: torch.nn.Module, file: str) -> None:
    """Weights into a model that does not load them itself; a trainer may have put a prefix before their names."""
    state = torch.load(file, map_location="cpu", weights_only=True)
    state = state.get("state_dict", state)
    own = list(model.state_dict())
    prefixes = [key[: -len(own[0])] for key in state if key == own[0] or key.endswith(f".{own[0]}")]
    missing = [key for key in own if f"{prefixes[0]}{key}" not in state] if prefixes else own
    if missing:
        raise Mistake(f"{file}: has no {missing[0]}, as {len(missing)} of the model's {len(own)} weights; it begins with {next(iter(state))}")
    model.load_state_dict({key: state[f"{prefixes[0]}{key}"] for key in own})


class Called(torch.nn.Module):
    """A model with plain tensors as inputs and one as output."""

    def __init__(self, model: torch.nn.Module, names: list[str]):
        super().__init__()
        self.model, self.names = model, names
        parameters = inspect.signature(model.forward).parameters
        self.by_name = names[0] in parameters
        self.function = getattr(model, "predict", model) if names[0] == "x1" else model

    def forward(self, *inputs):
        given = dict(zip(self.names, inputs))
        if len(inputs) == 1:
            output = self.function(inputs[0])
        elif self.by_name:
            output = self.function(**given)
        else:
            output = self.function(given)
        return output if isinstance(output, torch.Tensor) else output["last_hidden_state"]


# Transforms


def transform_of(given: str, size: int):
    """How pictures become the input: OML's name of a transform, its steps as JSON, or a function that makes one of torchvision or albumentations."""
    if given[:1] in "[{":
        return parsed(given, "--transform")
    if ":" in given:
        return steps_of(find(given)())
    if given not in NAMED_TRANSFORMS:
        raise Mistake(f'there is no transform "{given}" (there are: {", ".join(NAMED_TRANSFORMS)})')
    return {"name": given, **{argument: size for argument in NAMED_TRANSFORMS[given]}}


def steps_of(transform) -> list[dict]:
    """The steps of a Compose of torchvision or albumentations, as rankstream writes them."""
    steps = []
    for one in transform.transforms:
        kind, mode = type(one).__name__, getattr(one, "interpolation", None)
        if type(one).__module__.startswith("albumentations"):
            how = {"interpolation": {0: "nearest", 1: "bilinear", 2: "bicubic", 3: "area"}.get(mode), "antialias": False}
            sides = [getattr(one, "height", None), getattr(one, "width", None)]
        else:
            how = {"interpolation": getattr(mode, "value", None)}
            sides = getattr(one, "size", None)
        if kind == "Resize":
            steps.append({"resize": {"size": sides if isinstance(sides, int) else list(sides), **how}})
        elif kind in ("LongestMaxSize", "SmallestMaxSize"):
            steps.append({"resize": {"size": one.max_size, "edge": "longest" if kind == "LongestMaxSize" else "shorter", **how}})
        elif kind == "CenterCrop":
            steps.append({"center-crop": {"size": list(sides)}})
        elif kind == "PadIfNeeded":
            fill = [int(value) for value in np.ravel(getattr(one, "fill", getattr(one, "value", 0)))]
            steps.append({"pad": {"size": [one.min_height, one.min_width], "value": fill[0] if len(set(fill)) == 1 else fill}})
        elif kind == "Normalize":
            steps.append({"normalise": {"mean": list(map(float, one.mean)), "std": list(map(float, one.std))}})
        elif kind not in ("ToTensor", "ToTensorV2") and getattr(one, "__name__", "") != "_convert_image_to_rgb":
            raise Mistake(f"{kind} is no step that rankstream knows; write the transform as JSON (docs/items.md, Pictures)")
        for argument, plain in {"p": 1, **PLAIN.get(kind, {})}.items():
            given = getattr(one, argument, plain)
            if getattr(given, "value", given) != plain:
                raise Mistake(f"{kind} with {argument}={given} is no step that rankstream knows; it knows {argument}={plain}")
    return steps


def shape_after(transform, size: int) -> list[int]:
    """Of a picture that comes out of a transform; one whose steps end with no size is a square of `size`."""
    if not isinstance(transform, list):
        named = transform if isinstance(transform, dict) else {}
        return [3] + 2 * [named.get("crop", named.get("size", size))]
    channels, sides = 3, [size, size]
    for step in transform:
        ((name, given),) = step.items()
        if name == "channels" and given == "gray":
            channels = 1
        if name in ("resize", "center-crop", "pad"):
            both = given["size"]
            sides = both if isinstance(both, list) else [both, both] if isinstance(both, int) and name == "center-crop" else sides
    return [channels, *sides]


# The description and the inputs


def parsed(text: str, option: str):
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Mistake(f"{option}: not JSON ({error}): {text}")


def describe(options: argparse.Namespace, pairs: bool, shape: list[int] | None) -> dict | None:
    """What rankstream calls a ModelSpec; None for a model of pairs of embeddings, of which nothing has to be known."""
    given = parsed(options.spec, "--spec")
    spec = {}
    if options.tokenizer:
        spec = {"modality": "text", "input": {"tokenizer": Path(options.tokenizer).name}}
    elif options.transform:
        spec = {"modality": "image", "input": {"transform": transform_of(options.transform, options.size)}}
    elif options.model.startswith("oml:") and options.weights and not given:
        from oml.registry.transforms import TRANSFORMS_FOR_PRETRAINED

        if options.weights in TRANSFORMS_FOR_PRETRAINED:
            spec = {"modality": "image", "input": {"transform": steps_of(TRANSFORMS_FOR_PRETRAINED[options.weights])}}
    spec = {**spec, **given, "input": {**spec.get("input", {}), **given.get("input", {})}}
    if "modality" in spec:
        return spec
    if pairs and shape is not None and len(shape) == 1:
        return None
    raise Mistake("how do items become its input? Give --transform for pictures, --tokenizer for texts, --spec for anything else")


def inputs_of(batch: int, names: list[str], shape: list[int] | None, vocabulary: int) -> tuple:
    """Random inputs: ids of tokens, the last of which are padding, or numbers."""
    generator = torch.Generator().manual_seed(batch)
    if names[0] != "input_ids":
        return tuple(torch.randn(batch, *shape, generator=generator) for _ in names)
    tokens = 5 + batch
    mask = torch.ones(batch, tokens, dtype=torch.int64)
    mask[0, 4:] = 0
    return torch.randint(0, vocabulary, (batch, tokens), generator=generator), mask


# The export


def distances(x1, x2, p=2.0, compute_mode=None):
    """torch.cdist, which PyTorch's exporter does not know; OML's siamese models measure by it."""
    difference = op.Sub(op.Unsqueeze(x1, op.Constant(value_ints=[-2])), op.Unsqueeze(x2, op.Constant(value_ints=[-3])))
    return op.ReduceL2(difference, op.Constant(value_ints=[-1]), keepdims=0)


def export(model: torch.nn.Module, names: list[str], output: str, example: tuple, file: str, spec: dict | None) -> None:
    sides = {0: "batch", 1: "tokens"} if names[0] == "input_ids" else {0: "batch"}
    torch.onnx.export(
        model,
        example,
        file,
        input_names=names,
        output_names=[output],
        dynamic_shapes=(tuple(sides for _ in names),),
        dynamo=True,
        external_data=False,
        verbose=False,
        custom_translation_table={torch.ops.aten._cdist_forward.default: distances},
    )
    if spec is not None:
        graph = onnx.load(file)
        graph.metadata_props.add(key="rankstream", value=json.dumps(spec))
        onnx.save(graph, file)


def difference(model: torch.nn.Module, names: list[str], inputs: tuple, file: str) -> tuple[float, list]:
    """How far ONNX Runtime and PyTorch are apart, as a share of the largest value where that is above 1; and the sides of the output."""
    with torch.no_grad():
        expected = model(*inputs).numpy()
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {name: value.numpy() for name, value in zip(names, inputs)})
    if found.shape != expected.shape:
        raise Mistake(f"ONNX Runtime gives {list(found.shape)}, and PyTorch {list(expected.shape)}")
    return float(np.abs(found - expected).max() / max(1, np.abs(expected).max())), session.get_outputs()[0].shape


def check_shape(sides: list, pairs: bool, spec: dict | None) -> None:
    """The output is what rankstream takes."""
    are = f"[{', '.join(map(str, sides))}]"
    if pairs and sides[1:] not in ([], [1]):
        raise Mistake(f"a model of pairs gives a distance of each, [batch], not {are}")
    if not pairs and len(sides) == 3 and "pooling" not in spec:
        raise Mistake(f"""it gives vectors of tokens, {are}: pool them by --spec '{{"pooling": "mean"}}' (or cls, max)""")
    if not pairs and len(sides) != (3 if "pooling" in spec else 2):
        raise Mistake(f"an extractor gives [batch, dim], or with pooling [batch, tokens, dim], not {are}")


def check_places(out: Path, tokenizer: str | None) -> None:
    if not out.resolve().parent.is_dir():
        raise Mistake(f"{out.parent}: there is no such folder")
    if tokenizer is None:
        return
    if not Path(tokenizer).is_file():
        raise Mistake(f"{tokenizer}: there is no such file")
    beside = out.with_name(Path(tokenizer).name)
    if beside.exists() and beside.read_bytes() != Path(tokenizer).read_bytes():
        raise Mistake(f"{beside}: a tokenizer of another model is there; give this one a folder of its own")


def run(options: argparse.Namespace) -> None:
    out = Path(options.out)
    args = parsed(options.args, "--args")
    model = build(options.model, args, options.weights).eval()
    if options.model.startswith("oml:") and options.weights is None and args.get("weights") is None:
        print("to_onnx.py: note: without --weights they are random", file=sys.stderr)
    check_places(out, options.tokenizer)  # Now: what makes a model may have saved its tokenizer.
    pairs = {"x1", "x2"} <= inspect.signature(model.forward).parameters.keys()
    shape = [int(side) for side in options.shape.split(",")] if options.shape else None
    spec = describe(options, pairs, shape)
    vocabulary = 0
    if options.tokenizer:
        names = ["input_ids", "attention_mask"]
        vocabulary = len(json.loads(Path(options.tokenizer).read_text("utf8"))["model"]["vocab"])
    else:
        names = ["x1", "x2"] if pairs else ["input"]
        if shape is None and spec["modality"] != "image":
            raise Mistake("--shape is missing: that of one item as the model takes it, for example 1,48000")
        shape = shape or shape_after(spec["input"].get("transform", []), options.size)
    called = Called(model, names).eval()
    unchecked = out.with_name(f"{out.name}.unchecked")
    try:
        export(called, names, "distance" if pairs else "embeddings", inputs_of(2, names, shape, vocabulary), str(unchecked), spec)
        checks = [difference(called, names, inputs_of(batch, names, shape, vocabulary), str(unchecked)) for batch in (1, 3)]
        worst, sides = max(far for far, _ in checks), checks[0][1]
        check_shape(sides, pairs, spec)
        if not worst <= TOLERANCE:
            raise Mistake(f"ONNX Runtime and PyTorch are {worst:.1e} apart, more than {TOLERANCE}: the export is not faithful, and was removed")
        if options.tokenizer and not out.with_name(Path(options.tokenizer).name).exists():
            shutil.copy(options.tokenizer, out.parent)
        os.replace(unchecked, out)
    finally:
        unchecked.unlink(missing_ok=True)
    print(f"{out}: {', '.join(names)} -> [{', '.join(map(str, sides))}], at most {worst:.1e} from PyTorch")
    if spec is not None:
        print(json.dumps(spec))


def main(argv: list[str] | None = None) -> int:
    first, _, more = __doc__.strip().partition("\n")
    parser = argparse.ArgumentParser(description=first, epilog=more, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="oml:CLASS (or oml:NAME of OML's registry), FILE.py:FUNCTION, or MODULE:FUNCTION")
    parser.add_argument("-o", "--out", required=True, help="the ONNX file")
    parser.add_argument("--args", default="{}", help="arguments of the class or function, as JSON")
    parser.add_argument("--weights", help="a checkpoint, or the name of one in OML's zoo, whose transform is then known")
    parser.add_argument("--transform", help="of pictures: OML's name of it, steps as JSON, or FILE.py:FUNCTION (of torchvision or albumentations)")
    parser.add_argument("--size", type=int, default=224, help="side of the pictures that the model takes, where the transform does not say (default 224)")
    parser.add_argument("--shape", help="of one item that is neither picture nor text, for example 1,48000; of an embedding, its length")
    parser.add_argument("--tokenizer", help="of a model of texts: its tokenizer.json, copied beside the ONNX file")
    parser.add_argument("--spec", default="{}", help="""more of the description, as JSON: '{"pooling": "mean", "input": {"max-length": 256}}'""")
    try:
        run(parser.parse_args(argv))
    except Mistake as mistake:
        print(f"to_onnx.py: {mistake}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
