"""Sequence and attention models, one text each, run with both libraries: names, numbers, gradients, training.

A file in sequence/ is written for torch: `make(dropout, **options)` gives the model for each of its KINDS, `batches(n)`
data that depend on no library's random numbers, `forward` and `loss` a step's two halves, `train` some steps and what
was seen on the way, `afterwards` whatever else such a model is used for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import sparkle
from tests.programs.programs import rewritten

pytestmark = [
    pytest.mark.filterwarnings("ignore:enable_nested_tensor is True"),  # torch on which of its ways it takes
    pytest.mark.filterwarnings(
        "ignore:Support for mismatched key_padding_mask"
    ),  # both, of masks as tutorials make them
]

STEPS = 6
RTOL, ATOL = 1e-8, 1e-11
SCRIPTS = {path.stem: path for path in sorted((Path(__file__).parent / "sequence").glob("*.py"))}


def loaded(text: str, path: Path) -> dict[str, Any]:
    """What running the text defines."""
    names: dict[str, Any] = {"__name__": path.stem}
    exec(compile(text, str(path), "exec", dont_inherit=True), names)
    return names


TEXTS = {name: path.read_text(encoding="utf-8") for name, path in SCRIPTS.items()}
THEIRS = {name: loaded(TEXTS[name], path) for name, path in SCRIPTS.items()}
OURS = {name: loaded(rewritten(TEXTS[name]), path) for name, path in SCRIPTS.items()}
MODELS = [(name, kind) for name, names in THEIRS.items() for kind in names["KINDS"]]
each_model = pytest.mark.parametrize(("name", "kind"), MODELS, ids=["-".join(pair) for pair in MODELS])


@pytest.fixture(autouse=True)
def _double():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # these models are small: two libraries' threads would only wait for each other
    for library in (torch, sparkle):
        library.set_default_dtype(library.float64)
    yield
    for library in (torch, sparkle):
        library.set_default_dtype(library.float32)
    torch.set_num_threads(threads)


def pair(name: str, kind: str, dropout: float = 0.0) -> tuple[Any, Any]:
    """The model of each library, ours with the weights of theirs."""
    torch.manual_seed(0)
    theirs, ours = (side[name]["make"](dropout, **side[name]["KINDS"][kind]) for side in (THEIRS, OURS))
    random = np.random.default_rng(1)  # biases and heads that start at 0 would hide mistakes
    for parameter in theirs.parameters():
        parameter.data += 0.05 * torch.from_numpy(random.standard_normal(tuple(parameter.shape)))
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    assert {key: tuple(value.shape) for key, value in ours.state_dict().items()} == {
        k: v.shape for k, v in state.items()
    }
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict({key: sparkle.from_numpy(value.copy()) for key, value in state.items()})
    return ours, theirs


def plain(result: Any) -> list[Any]:
    """A result's tensors as arrays, in order."""
    if isinstance(result, tuple | list):
        return [array for part in result for array in plain(part)]
    return [result.detach().numpy() if hasattr(result, "detach") else np.asarray(result)]


def assert_same(ours: Any, theirs: Any, atol: float = ATOL) -> None:
    for a, b in zip(plain(ours), plain(theirs), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=RTOL, atol=atol)


@each_model
def test_modules_are_the_same(name: str, kind: str) -> None:
    ours, theirs = pair(name, kind)
    assert [n for n, _ in ours.named_modules()] == [n for n, _ in theirs.named_modules()]
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    assert [n for n, _ in ours.named_buffers()] == [n for n, _ in theirs.named_buffers()]
    assert repr(ours) == repr(theirs)


@each_model
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_outputs_and_gradients(name: str, kind: str, training: bool) -> None:
    found = []
    for side, model in zip((OURS, THEIRS), pair(name, kind), strict=True):
        model.train(training)
        (batch,) = side[name]["batches"](1)
        outputs = side[name]["forward"](model, batch)
        error = side[name]["loss"](outputs, batch)
        error.backward()
        found.append(([outputs, error], {n: p.grad for n, p in model.named_parameters()}))
    (ours, our_gradients), (theirs, their_gradients) = found
    assert_same(ours, theirs)
    for key, gradient in their_gradients.items():
        assert (our_gradients[key] is None) == (gradient is None), key
        if gradient is not None:
            assert_same(our_gradients[key], gradient)


@each_model
def test_training(name: str, kind: str) -> None:
    ours, theirs = pair(name, kind)
    seen = [side[name]["train"](m, side[name]["batches"](STEPS)) for side, m in ((OURS, ours), (THEIRS, theirs))]
    assert len(seen[1]) >= STEPS
    assert_same(*seen)
    # A bias of keys has no influence: Adam divides its gradient, which is all rounding, by another such number.
    assert_same(list(ours.state_dict().values()), list(theirs.state_dict().values()), atol=1e-9)
    assert_same(OURS[name]["afterwards"](ours), THEIRS[name]["afterwards"](theirs), atol=1e-9)


@each_model
def test_dropout_acts_in_training_only(name: str, kind: str) -> None:
    model, _ = pair(name, kind, dropout=0.5)
    (batch,) = OURS[name]["batches"](1)
    forward = OURS[name]["forward"]
    model.eval()
    once, twice = (plain(forward(model, batch))[0] for _ in range(2))
    np.testing.assert_array_equal(once, twice)
    model.train()
    assert not np.array_equal(plain(forward(model, batch))[0], once)
    assert all(np.isfinite(part).all() for part in plain(forward(model, batch)))
