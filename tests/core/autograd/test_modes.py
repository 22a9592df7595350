"""inference_mode and the other switches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import sparkle
from sparkle.core.autograd import Version


@pytest.fixture
def made() -> Any:
    """A tensor made in inference mode."""
    with sparkle.inference_mode():
        return sparkle.ones(3) * 2


def test_what_is_made_inside_stays_an_inference_tensor(made: Any) -> None:
    assert made.is_inference()
    assert made[1:].is_inference()
    assert made.detach().is_inference()
    assert made.data.is_inference()
    assert not made.clone().is_inference()
    assert not (made * 2).is_inference()
    assert not sparkle.is_inference_mode_enabled()
    assert not sparkle.ones(1).is_inference()


def test_views_of_plain_tensors_stay_plain() -> None:
    x = sparkle.ones(3)
    with sparkle.inference_mode():
        v = x[1:]
        a, b = x.split([1, 2])
        v.add_(1)
    assert not any(t.is_inference() for t in (v, a, b))
    assert x._version == 1
    v.add_(1)
    assert x.tolist() == [1.0, 3.0, 3.0]


def test_nothing_is_recorded_inside() -> None:
    x = sparkle.ones(3, requires_grad=True)
    with sparkle.inference_mode(), sparkle.enable_grad():
        results = [x * 2, x[0], *x.split(1), x.exp(), x.sum(), sparkle.nn.functional.relu(x), x.max(0).values]
    assert not any(y.requires_grad for y in results)


def test_modes_nest() -> None:
    seen = []

    def look() -> None:
        seen.append((sparkle.is_grad_enabled(), sparkle.is_inference_mode_enabled()))

    with sparkle.no_grad():
        with sparkle.inference_mode(False):
            look()
            with sparkle.inference_mode():
                look()
                with sparkle.inference_mode(False):
                    look()
                look()
        look()
    with pytest.raises(ZeroDivisionError), sparkle.inference_mode():
        1 / 0  # noqa: B018
    look()
    assert seen == [(True, False), (False, True), (True, False), (False, True), (False, False), (True, False)]


REFUSED: dict[str, Callable[[Any, Any], Any]] = {
    "add_": lambda t, x: t.add_(1),
    "view": lambda t, x: t[:2].mul_(2),
    "setitem": lambda t, x: t.__setitem__(0, 1.0),
    "setitem of a tensor": lambda t, x: t.__setitem__(sparkle.tensor([0]), 1.0),
    "requires_grad": lambda t, x: t.requires_grad_(),
    "saved": lambda t, x: t * x,
    "version": lambda t, x: t._version,
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_outside(name: str, made: Any) -> None:
    x = sparkle.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"[Ii]nference"):
        REFUSED[name](made, x)
    assert made.tolist() == [2.0, 2.0, 2.0]
    if name == "add_":
        with sparkle.no_grad(), pytest.raises(RuntimeError, match="Inplace update"):
            made.add_(1)


def test_allowed_outside(made: Any) -> None:
    x = sparkle.ones(3, requires_grad=True)
    (made + x).sum().backward()  # addition saves nothing
    (made.clone() * x).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0, 3.0]
    with sparkle.inference_mode():
        made.add_(1)
        made[0] = 0.0
    assert made.tolist() == [0.0, 3.0, 3.0]


def test_decorators() -> None:
    @sparkle.inference_mode()
    def inside(x: Any) -> Any:
        return x * 2

    @sparkle.inference_mode
    def bare(x: Any) -> Any:
        return x * 2

    @sparkle.inference_mode(False)
    def outside(x: Any) -> Any:
        return x * 2

    x = sparkle.ones(1, requires_grad=True)
    assert [f(x).is_inference() for f in (inside, bare, outside)] == [True, True, False]
    assert outside(x).requires_grad


def test_generators_switch_between_steps() -> None:
    @sparkle.inference_mode()
    def steps() -> Any:
        try:
            while True:
                yield sparkle.is_inference_mode_enabled()
        except KeyError:
            yield "caught", sparkle.is_inference_mode_enabled()

    g = steps()
    assert next(g)
    assert not sparkle.is_inference_mode_enabled()
    assert g.throw(KeyError()) == ("caught", True)
    g.close()
    assert not sparkle.is_inference_mode_enabled()


def test_apply_looks_for_inference_tensors_only_while_there_are_some() -> None:
    before = Version.alerts
    with sparkle.inference_mode():
        y = sparkle.ones(2) * 2
        assert Version.alerts > before
    assert Version.alerts > before
    del y
    assert Version.alerts == before


def test_decorated_classes_and_wrong_arguments() -> None:
    class Plain:
        pass

    with pytest.warns(FutureWarning, match="__init__"):
        assert isinstance(sparkle.no_grad()(Plain)(), Plain)
    with pytest.raises(TypeError, match="bool"):
        sparkle.set_grad_enabled("yes")
    with pytest.raises(TypeError, match="bool"):
        sparkle.inference_mode("yes")
