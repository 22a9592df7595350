"""Every row of the table of modules against torch: what a module is, and what it computes in every situation."""

from __future__ import annotations

import copy
import inspect
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import sparkle
from tests.cases.module import ROWS

SINGLE = ("single", "single-eval")
NAMES = sorted({row.name for row in ROWS})


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    """Torch's threads would spin beside ours, and these tensors are small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


pytestmark = pytest.mark.filterwarnings("ignore")  # torch tells which of its ways it takes, and of old names


def kind(dtype: Any) -> str:
    return str(dtype).split(".")[-1]


def described(tensors: Any) -> list[Any]:
    return [(name, tuple(t.shape), kind(t.dtype), t.requires_grad) for name, t in tensors]


def moved(state: Any, L: Any) -> dict[str, Any]:
    """A state dict of one library for the other."""
    return {name: L.from_numpy(t.detach().numpy().copy()) for name, t in state.items()}


def flat(value: Any) -> list[Any]:
    """All results inside tuples and lists."""
    return [t for v in value for t in flat(v)] if isinstance(value, (tuple, list)) else [value]


def shaken(theirs: Any) -> None:
    """Values that hide no mistake, as zeros and ones would, in place of torch's first ones."""
    random = np.random.default_rng(7)
    with torch.no_grad():
        for p in theirs.parameters():
            p.copy_(torch.from_numpy(random.uniform(-0.8, 0.8, tuple(p.shape))))
        for name, b in theirs.named_buffers():
            if "running" in name:
                b.copy_(torch.from_numpy(random.uniform(0.3, 1.5, tuple(b.shape))))


def pair(row: Any, dtype: str) -> tuple[Any, Any]:
    """The module of both libraries with the same weights."""
    theirs, ours = row.build(torch).to(getattr(torch, dtype)), row.build(sparkle).to(getattr(sparkle, dtype))
    shaken(theirs)
    assert repr(ours.load_state_dict(moved(theirs.state_dict(), sparkle))) == "<All keys matched successfully>"
    return ours, theirs


def situation_of(row: Any, situation: str) -> tuple[str, str]:
    """The type of the module, and of its inputs."""
    return (
        "float32" if situation in (*SINGLE, "mixed") else "float64",
        "float32" if situation in SINGLE else "float64",
    )


def outcome(L: Any, row: Any, module: Any, situation: str, random: bool) -> tuple[list[Any], list[Any]]:
    """What one or two calls give: results, then gradients of inputs and parameters, and the buffers."""
    rounds = 2 if any(True for _ in module.buffers()) else 1
    module.train("eval" not in situation)
    results, after = [], []
    for _ in range(rounds):
        made = row.leaves(L, situation_of(row, situation)[1], situation)
        arguments, keywords = row.filled(L, [given for _, given in made])
        results = flat(module(*arguments, **keywords))
        weights = np.random.default_rng(9)
        parts = [
            (t * L.from_numpy(np.asarray(weights.standard_normal(tuple(t.shape)))).to(t.dtype)).sum()
            for t in results
            if isinstance(t, L.Tensor) and t.requires_grad
        ]
        if parts and not random:
            sum(parts[1:], parts[0]).backward()
            after = [leaf.grad for leaf, _ in made]
    after += [p.grad for p in module.parameters()] + list(module.buffers())
    return results, [] if random else after


def assert_same(ours: Any, theirs: Any, where: str, tolerance: tuple[float, float] | None) -> None:
    if not isinstance(theirs, torch.Tensor):
        assert ours == theirs, where
        return
    assert isinstance(ours, sparkle.Tensor), where
    assert tuple(ours.shape) == tuple(theirs.shape), where
    assert kind(ours.dtype) == kind(theirs.dtype), where
    if tolerance is not None:
        rtol, atol = tolerance
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=rtol, atol=atol, err_msg=where)


def attempt(L: Any, row: Any, module: Any, situation: str, random: bool) -> Any:
    try:
        return outcome(L, row, module, situation, random)
    except Exception as error:
        return error


def compare(row: Any, situation: str) -> int:
    """Hold one situation equal; the number of comparisons."""
    types = situation_of(row, situation)
    ours, theirs = pair(row, types[0])
    random = row.draws or (row.random and "eval" not in situation)
    wanted = attempt(torch, row, theirs, situation, random)
    if isinstance(wanted, Exception):
        with pytest.raises(type(wanted)):
            outcome(sparkle, row, ours, situation, random)
        return 1
    met = outcome(sparkle, row, ours, situation, random)
    double = situation not in (*SINGLE, "mixed")
    tolerance = (
        None
        if random
        else (row.rtol, row.atol)
        if double
        else (max(row.rtol, row.single), max(row.atol, row.single / 10))
    )
    count = 0
    for what, mine, yours in zip(("result", "after"), met, wanted, strict=True):
        assert len(mine) == len(yours), what
        for i, (a, b) in enumerate(zip(mine, yours, strict=True)):
            assert_same(a, b, f"{what} {i}", tolerance)
            if what == "result" and isinstance(b, torch.Tensor):
                assert a.requires_grad == b.requires_grad, f"{what} {i}"
            count += 1
    return count


def complaint(row: Any, situation: str, counts: list[int]) -> str | None:
    """What differs in a situation, or that nothing does where something should."""
    try:
        counts.append(compare(row, situation))
    except (Exception, pytest.fail.Exception) as error:
        return None if situation in row.differs else f"{situation}: {type(error).__name__}: {error}"
    return f"{situation}: no longer differs: {row.differs[situation]}" if situation in row.differs else None


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_computes_as_torch(row: Any, record_property: Any) -> None:
    counts: list[int] = []
    met = [complaint(row, situation, counts) for situation in row.situations]
    record_property("module", (row.name, sum(counts)))
    assert not any(met), "\n\n".join(filter(None, met))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_is_as_in_torch(row: Any, record_property: Any) -> None:
    ours, theirs = row.build(sparkle), row.build(torch)
    assert repr(ours) == repr(theirs).replace("torch.", "sparkle.")
    for kinds in ("parameters", "buffers"):
        assert described(getattr(ours, f"named_{kinds}")()) == described(getattr(theirs, f"named_{kinds}")())
    assert described(ours.state_dict().items()) == described(theirs.state_dict().items())
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules()]
    assert plain_attributes(ours, theirs) == plain_attributes(theirs, theirs)
    record_property("module", (row.name, 6))


OWN_BUSINESS = {"activation_relu_or_gelu", "use_nested_tensor"}  # which of torch's fast ways may be taken


def plain_attributes(module: Any, theirs: Any) -> dict[str, Any]:
    """The public attributes of torch's module that are plain values, in either module."""
    found = {}
    for name, value in vars(theirs).items():
        if (
            not name.startswith("_")
            and name not in OWN_BUSINESS
            and isinstance(value, (int, float, str, tuple, type(None)))
        ):
            found[name] = getattr(module, name, "missing")
    return found


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_weights_go_round(row: Any, record_property: Any) -> None:
    """To torch and back, to another type, into copies and through pickle: the same weights, none shared."""
    ours, theirs = row.build(sparkle), row.build(torch)
    if theirs.state_dict():
        theirs.load_state_dict(moved(ours.state_dict(), torch))
    for name, t in theirs.state_dict().items():
        np.testing.assert_array_equal(t.numpy(), ours.state_dict()[name].numpy())
    again = row.build(sparkle)
    again.load_state_dict(ours.state_dict())
    copies = [again]
    if row.copied:
        copies += [copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))]
    for other in copies:
        assert repr(other) == repr(ours)
        assert list(other.state_dict()) == list(ours.state_dict())
        for a, b in zip(other.state_dict().values(), ours.state_dict().values(), strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())
            assert not a.numel() or a.data_ptr() != b.data_ptr()
        assert described(other.named_parameters()) == described(ours.named_parameters())
    assert described(ours.double().state_dict().items()) == described(theirs.double().state_dict().items())
    record_property("module", (row.name, 3 + len(copies)))


def has_parameters(row: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return any(True for _ in row.build(torch).parameters())


INITIAL = [row for row in ROWS if row.initial and has_parameters(row)]


def draws(L: Any, row: Any, count: int) -> dict[str, np.ndarray]:
    """The first values of all parameters and buffers in several modules."""
    L.manual_seed(0)
    found: dict[str, list[np.ndarray]] = {}
    for _ in range(count):
        for name, t in row.build(L).state_dict().items():
            found.setdefault(name, []).append(t.detach().numpy().ravel().astype(float))
    return {name: np.sort(np.concatenate(parts)) for name, parts in found.items()}


@pytest.mark.parametrize("row", INITIAL, ids=str)
def test_first_values_are_distributed_alike(row: Any, record_property: Any) -> None:
    """Two samples' Kolmogorov-Smirnov distance, and the same bounds where torch's values have bounds."""
    ours, theirs = draws(sparkle, row, 60), draws(torch, row, 60)
    for name, wanted in theirs.items():
        met = ours[name]
        if wanted.size == 0 or wanted[0] == wanted[-1]:
            np.testing.assert_allclose(met, wanted, err_msg=name)
            continue
        points = np.concatenate([met, wanted])
        shares = [np.searchsorted(sample, points, side="right") / sample.size for sample in (met, wanted)]
        assert abs(shares[0] - shares[1]).max() * (met.size / 2) ** 0.5 < 2.0, name
        bound = abs(wanted).max()
        if bound < 1.9 * wanted.std():  # even numbers within bounds
            assert abs(met).max() == pytest.approx(bound, rel=8 / met.size**0.7), name
    record_property("module", (row.name, len(theirs)))


def signature(function: Any) -> list[Any]:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return [(p.name, p.default if p.default is not p.empty else "required", p.kind) for p in parameters]


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_torchs(name: str, record_property: Any) -> None:
    """The same names, order, kinds and defaults, so that a call by position or by name means the same."""
    ours, theirs = getattr(sparkle.nn, name), getattr(torch.nn, name)
    for method in ("__init__", "forward"):
        wanted = signature(getattr(theirs, method))
        if any(kind is inspect.Parameter.VAR_POSITIONAL for *_, kind in wanted):
            continue
        plain = [
            [(n, repr(d).split(" at ")[0].replace("torch.", "sparkle."), k) for n, d, k in s]
            for s in (signature(getattr(ours, method)), wanted)
        ]
        if "function" not in str(plain):
            assert plain[0] == plain[1], method
    record_property("module", (name, 2))


def named_arguments(function: Any) -> list[str] | None:
    """Torch keeps those of some functions to itself."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None
    return None if "args" in parameters or not inspect.isfunction(function) else list(parameters)


def test_arguments_of_functions_are_torchs() -> None:
    ours, theirs = sparkle.nn.functional, torch.nn.functional
    differing = {}
    for name in sorted(set(dir(ours)) & set(dir(theirs))):
        wanted = named_arguments(getattr(theirs, name))
        if wanted is not None and not name.startswith("_"):
            met = named_arguments(getattr(ours, name))
            if met != wanted:
                differing[name] = met
    assert list(differing) == ["multi_head_attention_forward"]  # whose batch_first saves a module two transpositions
