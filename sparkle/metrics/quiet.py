"""Arithmetic without NumPy's warnings: 1 / 0 is inf and 0 / 0 is nan in a metric's value, as in a tensor."""

from __future__ import annotations

from functools import partial

import numpy

quiet = partial(numpy.errstate, all="ignore")
