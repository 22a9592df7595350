"""The in-place programs with real torch: what it makes of them is what sparkle's tests expect."""

from __future__ import annotations

import warnings

import pytest
import torch

from tests.core.tensor.inplace_programs import PROGRAMS, plain
from tests.core.tensor.inplace_refused import REFUSED


@pytest.fixture(autouse=True)
def _without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize(("program", "expected"), PROGRAMS.items(), ids=[p.__name__ for p in PROGRAMS])
def test_program(program, expected):
    got = program(torch)
    assert plain(list(got) if isinstance(got, (tuple, list)) else [got]) == expected


@pytest.mark.parametrize("program", REFUSED, ids=lambda p: p.__name__)
def test_refused(program):
    with pytest.raises(RuntimeError):
        program(torch)
