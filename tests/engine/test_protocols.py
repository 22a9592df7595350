"""Serializable checks keys; ResettableHandler is abstract."""

from __future__ import annotations

from typing import Any

import pytest

from sparkle.engine import ResettableHandler, Serializable


class Saved(Serializable):
    _state_dict_all_req_keys = ("a",)
    _state_dict_one_of_opt_keys = (("b", "c"),)


class Flat(Serializable):
    _state_dict_one_of_opt_keys = ("b", "c")


@pytest.mark.parametrize(
    ("cls", "state", "error", "message"),
    [
        (Saved, 3, TypeError, "Argument state_dict should be a dictionary, but given <class 'int'>"),
        (Saved, None, TypeError, "should be a dictionary"),
        (Saved, {"b": 1}, ValueError, "Required state attribute 'a' is absent"),
        (Saved, {"a": 1}, ValueError, "should contain exactly one of"),
        (Saved, {"a": 1, "b": 1, "c": 1}, ValueError, "should contain exactly one of"),
        (Flat, {"b": 1, "c": 1}, ValueError, "should contain exactly one of"),
    ],
)
def test_wrong_dicts(cls: type[Serializable], state: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        cls().load_state_dict(state)


def test_right_dicts() -> None:
    Saved().load_state_dict({"a": 1, "c": 2, "more": 3})
    Flat().load_state_dict({"b": 2})


def test_state_dict_is_the_subclass_s() -> None:
    with pytest.raises(NotImplementedError, match="Saved"):
        Saved().state_dict()


def test_resettable_is_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        ResettableHandler()  # type: ignore[abstract]
