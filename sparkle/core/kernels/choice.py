"""A choice by element, for the texts of formulas and rules that are compiled."""

from __future__ import annotations

from typing import Any

import numpy


def where(condition: Any, a: Any, b: Any) -> Any:
    """a or b by element: compiled it is a choice, where `numpy.where` would make an array."""
    return numpy.where(condition, a, b)
