"""Networks for images as they are written for torch, one text each, run with both libraries: the same in float64.

The files in images/ have torch's import lines; for sparkle these lines change and nothing else. The residual networks
are also taken from sparkle.models. What the libraries draw themselves, for dropout and for stochastic depth, is
replaced by the same numbers for both, so that training mode is compared with all of it on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import sparkle
from tests.programs.programs import rewritten

FOLDER = Path(__file__).parent / "images"
RTOL, ROUNDING = 1e-8, 1e-12
Build = Callable[[Any], Any]
Same = Callable[[Any, Any, str], None]


@cache
def program(name: str, library: Any) -> Any:
    """What a file defines when it runs with that library."""
    path = FOLDER / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": name}
    exec(compile(text if library is torch else rewritten(text), str(path), "exec", dont_inherit=True), names)
    return type("Program", (), names)


def written(name: str, make: str, **arguments: Any) -> Build:
    return lambda library: getattr(program(name, library), make)(**arguments)


def imported(name: str, **arguments: Any) -> Build:
    """A residual network of sparkle.models; torch has it from the file."""
    return lambda library: getattr(program("resnet", torch) if library is torch else sparkle.models, name)(**arguments)


def small(block: str, **arguments: Any) -> Build:
    """A residual network of four blocks."""

    def build(library: Any) -> Any:
        place = program("resnet", torch) if library is torch else sparkle.models
        if "norm_layer" in arguments:
            arguments["norm_layer"] = partial(library.nn.GroupNorm, 4)
        return place.ResNet(getattr(place, block), [1, 1, 1, 1], num_classes=7, **arguments)

    return build


# name -> how to make it, the input's shape, classes (None: the loss is against an image)
MODELS: dict[str, tuple[Build, tuple[int, ...], int | None]] = {
    "lenet": (written("lenet", "LeNet"), (2, 1, 32, 32), 10),
    "vgg11": (written("vgg", "vgg11", num_classes=10, pooled=1), (2, 3, 32, 32), 10),
    "resnet18": (imported("resnet18"), (2, 3, 64, 64), 1000),
    "resnet18-written": (written("resnet", "resnet18", num_classes=10), (2, 3, 64, 64), 10),
    "resnet50": (imported("resnet50"), (2, 3, 64, 64), 1000),
    "resnet-groups": (small("Bottleneck", groups=8, width_per_group=4), (2, 3, 64, 64), 7),
    "resnet-dilated": (
        small("Bottleneck", replace_stride_with_dilation=[False, True, True], zero_init_residual=True),
        (2, 3, 64, 64),
        7,
    ),
    "resnet-group-norm": (small("BasicBlock", norm_layer=True, zero_init_residual=True), (2, 3, 64, 64), 7),
    "mobilenet_v2": (written("mobilenet_v2", "MobileNetV2"), (2, 3, 64, 64), 1000),
    "efficientnet_b0": (written("efficientnet", "EfficientNet"), (2, 3, 64, 64), 1000),
    "densenet121": (written("densenet", "DenseNet"), (2, 3, 64, 64), 1000),
    "unet": (written("unet", "UNet", n_channels=3, n_classes=2), (2, 3, 32, 32), None),
    "unet-bilinear": (written("unet", "UNet", n_channels=1, n_classes=2, bilinear=True, width=8), (2, 1, 50, 38), None),
    "dcgan-generator": (written("dcgan", "Generator"), (2, 100, 1, 1), None),
    "dcgan-discriminator": (written("dcgan", "Discriminator"), (2, 3, 64, 64), None),
}
PARAMETERS = {
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "mobilenet_v2": 3_504_872,
    "efficientnet_b0": 5_288_548,
    "densenet121": 7_978_856,
    "dcgan-generator": 3_576_704,
    "dcgan-discriminator": 2_765_568,
}


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two libraries' threads would only wait for each other
    for library in (torch, sparkle):
        library.set_default_dtype(library.float64)
    yield
    for library in (torch, sparkle):
        library.set_default_dtype(library.float32)
    torch.set_num_threads(threads)


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def on_both(call: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Of sparkle, of torch."""
    return call(sparkle), call(torch)


def pair(build: Build) -> tuple[Any, Any]:
    """The model of each library; sparkle's has torch's weights, and no bias is zero."""
    torch.manual_seed(0)
    ours, theirs = on_both(build)
    noise = np.random.default_rng(1)
    with torch.no_grad():
        for parameter in theirs.parameters():
            if parameter.dim() == 1:  # norms that start as the identity would hide mistakes
                parameter += torch.from_numpy(0.1 * noise.standard_normal(tuple(parameter.shape)))
    ours.load_state_dict({key: sparkle.from_numpy(value.numpy().copy()) for key, value in theirs.state_dict().items()})
    return ours, theirs


def same(ours: Any, theirs: Any, what: str) -> None:
    """Equal to 1e-8 of the largest value; where all vanish, as before a norm, only rounding is left."""
    assert (ours is None) == (theirs is None), what
    if theirs is not None:
        ours, theirs = ours.detach().numpy(), theirs.detach().numpy()
        assert ours.dtype == theirs.dtype, what
        allowed = RTOL * float(np.abs(theirs).max(initial=0.0)) + ROUNDING
        if not np.abs(ours - theirs).max(initial=0.0) <= allowed:  # this alone is fast, and says nothing
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=allowed, err_msg=what)


def same_tensors(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert list(ours) == list(theirs)
    for key in theirs:
        same(ours[key], theirs[key], key)


def share_noise(library: Any, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all that is drawn come from one NumPy generator: masks of dropout layers, and the library's rand."""
    draw = np.random.default_rng(5)

    def dropped(module: Any, args: tuple[Any, ...], output: Any) -> Any:
        if not module.training:
            return None
        assert module.p > 0
        kept = draw.random(tuple(args[0].shape)) >= module.p
        return args[0] * library.from_numpy(kept / (1 - module.p))

    for module in model.modules():
        if isinstance(module, library.nn.Dropout):
            module.inplace = False  # the hook reads what went in
            module.register_forward_hook(dropped)
    monkeypatch.setattr(library, "rand", lambda size, dtype, device: library.from_numpy(draw.random(size)).to(dtype))


def loss_of(library: Any, output: Any, classes: int | None) -> Any:
    if classes is None:
        return library.nn.functional.mse_loss(output, library.from_numpy(floats(*output.shape, seed=3)))
    labels = np.random.default_rng(3).integers(0, classes, len(output))
    return library.nn.functional.cross_entropy(output, library.from_numpy(labels))


@pytest.mark.parametrize("name", MODELS)
def test_model(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    build, shape, classes = MODELS[name]
    ours, theirs = pair(build)
    seen: list[list[Any]] = []
    for library, model in ((sparkle, ours), (torch, theirs)):
        share_noise(library, model, monkeypatch)
        optimizer = library.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
        seen.append([])
        for seed in range(2):  # the second step is the one that has a momentum
            images = library.from_numpy(floats(*shape, seed=seed)).requires_grad_()
            optimizer.zero_grad()
            output = model(images)
            loss_of(library, output, classes).backward()
            grads = {key: parameter.grad for key, parameter in model.named_parameters()}
            seen[-1].append((output, {"images": images.grad, **grads}))
            if seed == 0:
                seen[-1][0] = output, {key: None if g is None else g.clone() for key, g in seen[-1][0][1].items()}
            optimizer.step()
        model.eval()
        with library.no_grad():
            seen[-1].append((model(library.from_numpy(floats(*shape, seed=9))), {}))
    for step, (a, b) in enumerate(zip(*seen, strict=True)):
        same(a[0], b[0], f"output {step}")
        same_tensors(a[1], b[1])
    same_tensors(ours.state_dict(), theirs.state_dict())


@pytest.mark.parametrize("name", MODELS)
def test_names_and_shapes(name: str) -> None:
    ours, theirs = on_both(MODELS[name][0])
    for walk in ("named_parameters", "named_buffers"):
        a, b = ([(key, tuple(x.shape)) for key, x in getattr(model, walk)()] for model in (ours, theirs))
        assert a == b
    a, b = ([(key, tuple(x.shape)) for key, x in model.state_dict().items()] for model in (ours, theirs))
    assert a == b
    if name in PARAMETERS:
        assert sum(parameter.numel() for parameter in ours.parameters()) == PARAMETERS[name]
    if "resnet" not in name or "written" in name:  # those of sparkle.models are not of the same text
        assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("name", MODELS)
def test_first_values(name: str) -> None:
    """Each parameter starts with the same mean and deviation, as far as so many numbers tell."""
    torch.manual_seed(0)
    ours, theirs = on_both(MODELS[name][0])
    for (key, a), b in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        a, b = a.detach().numpy(), b.detach().numpy()
        if b.size < 32:
            continue
        allowed = 6 * b.std() / np.sqrt(b.size) + 1e-12
        assert abs(a.mean() - b.mean()) <= allowed * np.sqrt(2), key
        assert abs(a.std() - b.std()) <= allowed, key


def test_dcgan_training_step() -> None:
    libraries = {"ours": sparkle, "theirs": torch}
    pairs = [pair(written("dcgan", part)) for part in ("Generator", "Discriminator")]
    found: dict[str, Any] = {}
    for side, (label, library) in enumerate(libraries.items()):
        draws, judges = (models[side] for models in pairs)
        optimizers = [library.optim.Adam(m.parameters(), lr=2e-4, betas=(0.5, 0.999)) for m in (draws, judges)]
        losses = []
        for seed in range(2):
            real, noise = (library.from_numpy(floats(*s, seed=seed)) for s in ((2, 3, 64, 64), (2, 100, 1, 1)))
            losses += program("dcgan", library).train_step(draws, judges, real, noise, *optimizers)
        found[label] = {"losses": library.stack(losses), **draws.state_dict(), **judges.state_dict(prefix="judge.")}
    same_tensors(found["ours"], found["theirs"])


@pytest.mark.parametrize("old", [False, True], ids=["today's", "without num_batches_tracked"])
def test_weights_that_torch_wrote(old: bool, tmp_path: Path) -> None:
    theirs = program("resnet", torch).resnet50(num_classes=4).float().eval()
    state = {key: value for key, value in theirs.state_dict().items() if not (old and "num_batches" in key)}
    save_file(state, tmp_path / "resnet50.safetensors")
    ours = sparkle.models.resnet50(weights=tmp_path / "resnet50.safetensors").float().eval()
    images = floats(1, 3, 64, 64).astype(np.float32)
    a, b = ours(sparkle.from_numpy(images)), theirs(torch.from_numpy(images))
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-4, atol=1e-4 * b.abs().max().item())
