"""Loading states into objects: all or nothing."""

from __future__ import annotations

import pytest

from sparkle.handlers import Checkpoint

load = Checkpoint.load_objects


class Picky:
    """Refuses some states, and takes an option."""

    def __init__(self, value=1):
        self.value = value

    def state_dict(self):
        return {"value": self.value}

    def load_state_dict(self, state, strict=True):
        self.value = state["value"]
        if strict and self.value == "bad":
            raise RuntimeError("refused")


@pytest.mark.parametrize(
    "checkpoint",
    [{"a": {"value": 7}}, {"value": 7}, {"a": {"value": 7}, "b": {"value": 8}}],
    ids=["by name", "nothing but the state", "others too"],
)
def test_single_object(checkpoint, thing):
    one = thing()
    load({"a": one}, checkpoint)
    assert one.value == 7


def test_nested(thing):
    b, c, d = thing(), thing(), thing()
    load({"n": {"b": b, "l": [c, d]}}, {"n": {"b": {"value": 2}, "l": [{"value": 3}, {"value": 4}]}, "m": 0})
    assert (b.value, c.value, d.value) == (2, 3, 4)


def test_nested_single_object_saved_alone(thing):
    b, c = thing(), thing()
    load({"n": [b, c]}, {"n": [{"value": 2}, {"value": 3}]})
    assert (b.value, c.value) == (2, 3)


@pytest.mark.parametrize(
    ("checkpoint", "message"),
    [
        ({"a": {"value": 7}}, "key 'b' is not there; it has \\['a'\\]"),
        ({"a": {"value": 7}, "b": [{"value": 7}]}, "entry 'b': met 1 entries, wanted a list of 2"),
        ({"a": {"value": 7}, "b": 3}, "entry 'b': met int"),
    ],
)
def test_foreign_checkpoint_changes_nothing(checkpoint, message, thing):
    a, b = thing(), [thing(), thing()]
    with pytest.raises(ValueError, match=message):
        load({"a": a, "b": b}, checkpoint)
    assert (a.value, b[0].value) == (1, 1)


def test_refused_state_changes_nothing(thing):
    first, second = thing(), Picky()
    with pytest.raises(RuntimeError, match="refused") as caught:
        load({"first": first, "second": second}, {"first": {"value": 7}, "second": {"value": "bad"}})
    assert (first.value, second.value) == (1, 1)
    assert "'second' into Picky" in caught.value.__notes__[0]


def test_option_goes_to_those_who_take_it(thing):
    first, second = thing(), Picky()
    load({"first": first, "second": second}, {"first": {"value": 7}, "second": {"value": "bad"}}, strict=False)
    assert (first.value, second.value) == (7, "bad")


def test_option_that_nobody_takes(thing):
    one = thing()
    with pytest.raises(TypeError, match="stirct"):
        load({"a": one}, {"a": {"value": 7}}, stirct=False)
    assert one.value == 1


@pytest.mark.parametrize(
    ("to_load", "checkpoint", "message"),
    [(3, {}, "to_load: met int"), ({"a": 3}, {}, "load_state_dict"), ({}, 3, "checkpoint: met int")],
)
def test_misuse(to_load, checkpoint, message):
    with pytest.raises(TypeError, match=message):
        load(to_load, checkpoint)


@pytest.mark.parametrize(("state", "error"), [(3, TypeError), ({}, ValueError), ({"saved": []}, ValueError)])
def test_bad_state_of_the_handler_changes_nothing(state, error, thing, recorder, calls):
    checkpoint = Checkpoint({"a": thing()}, recorder)
    calls(checkpoint, [1])
    with pytest.raises(error):
        checkpoint.load_state_dict(state)
    assert checkpoint.last_checkpoint == "a_1.pt"
