"""TerminateOnNan: which outputs end a run."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import sparkle
from sparkle.engine import Engine, Events
from sparkle.handlers import TerminateOnNan

NAN, INF = math.nan, math.inf

FINE = [
    1.0,
    3,
    True,
    1j,
    10**400,
    Fraction(1, 3),
    "nan",
    [],
    {},
    np.float32(1),
    np.arange(3),
    np.array(["nan"]),
    np.ones(0),
]
BAD = [
    *(NAN, INF, -INF, complex(0, INF), np.float32("nan"), np.float16("inf")),
    *(np.array([1, NAN]), np.array(INF), np.array([complex(NAN, 0)]), np.array([NAN], dtype=np.float16)),
    *([1, NAN], (1, (2, NAN)), {"a": INF}, ["text", {"a": [np.array([INF])]}], {"a": 1, "b": (0.5, -INF)}),
]


def iterations(output, transform=None):
    trainer = Engine(lambda engine, batch: output)
    handler = TerminateOnNan() if transform is None else TerminateOnNan(transform)
    trainer.add_event_handler(Events.ITERATION_COMPLETED, handler)
    return trainer.run([0, 1, 2]).iteration


@pytest.mark.parametrize("output", FINE, ids=repr)
def test_goes_on(output):
    assert iterations(output) == 3


@pytest.mark.parametrize("output", BAD, ids=repr)
def test_stops(output, caplog):
    assert iterations(output) == 1
    assert "iteration 1" in caplog.text


FLOATS = (sparkle.float32, sparkle.float64, sparkle.float16)
TENSORS = [(sparkle.int64, 1, 3), *((dtype, *case) for dtype in FLOATS for case in ((1.0, 3), (NAN, 1), (INF, 1)))]


@pytest.mark.parametrize(("dtype", "value", "count"), TENSORS)
def test_tensors(dtype, value, count):
    assert iterations({"loss": [sparkle.tensor([1, value], dtype=dtype)]}) == count


def test_output_transform():
    assert iterations({"loss": 1.0, "other": NAN}, lambda output: output["loss"]) == 3


@pytest.mark.parametrize("output", [None, object(), [1, None], {1, 2}])
def test_other_outputs(output):
    with pytest.raises(TypeError, match="looking for NaN: met"):
        iterations(output)


def test_transform_must_be_a_function():
    with pytest.raises(TypeError, match="output_transform is 3"):
        TerminateOnNan(3)
