"""What the tests of kernels share."""

from __future__ import annotations

import numpy
import pytest


@pytest.fixture(autouse=True)
def _same_numbers_in_any_order_of_tests(request, monkeypatch):
    if hasattr(request.module, "RNG"):
        monkeypatch.setattr(request.module, "RNG", numpy.random.default_rng(0))
