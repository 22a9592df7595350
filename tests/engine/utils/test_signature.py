"""Signatures: what fits, what the message says."""

from __future__ import annotations

from functools import partial, wraps
from typing import Any

import pytest

from sparkle.engine.utils import accepts, check_signature, name_of


def function(engine: Any, batch: Any, *, more: int = 0) -> None: ...


class Thing:
    def method(self, engine: Any) -> None: ...

    def __call__(self, engine: Any, batch: Any) -> None: ...


@pytest.mark.parametrize(
    ("fn", "args", "kwargs", "fits"),
    [
        (function, (1, 2), {}, True),
        (function, (1,), {}, False),
        (function, (1, 2), {"more": 3}, True),
        (function, (1, 2), {"less": 3}, False),
        (Thing().method, (1,), {}, True),
        (Thing().method, (), {}, False),
        (Thing(), (1, 2), {}, True),
        (partial(function, 1), (2,), {}, True),
        (print, (1, 2, 3), {}, True),
        (lambda *a, **k: None, (1, 2, 3), {"x": 1}, True),
    ],
)
def test_accepts(fn: Any, args: tuple, kwargs: dict[str, Any], fits: bool) -> None:
    assert accepts(fn, *args, **kwargs) is fits
    if fits:
        check_signature(fn, "thing", *args, **kwargs)


def test_message_names_both_sides() -> None:
    with pytest.raises(
        ValueError, match=r"Error adding function 'handler': takes parameters \['engine', 'batch', 'more'\]"
    ):
        check_signature(function, "handler", "engine")
    with pytest.raises(ValueError, match=r"but will be called with \['engine', 'x'\]"):
        check_signature(function, "handler", "engine", x=3)


def test_a_function_without_signature_is_named() -> None:
    with pytest.raises(ValueError, match="does not say which arguments it takes"):
        check_signature(iter, "handler", 1)


def test_name_of() -> None:
    @wraps(function)
    def wrapper() -> None: ...

    assert name_of(wrapper) == "function"
    assert name_of(Thing().method) == "Thing.method"
    assert "Thing object" in name_of(Thing())
    assert name_of(3) == "3"
