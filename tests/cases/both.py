"""Cases of linear algebra, whose results in single precision a badly conditioned matrix sets further apart."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from .case import case


def both(name: str, call: Callable[..., Any], *inputs: Any, **options: Any) -> None:
    """A case in double precision, and one in single with wider tolerances."""

    def quiet(L: Any, *xs: Any) -> Any:
        with warnings.catch_warnings():  # torch calls several of the names deprecated
            warnings.simplefilter("ignore")
            return call(L, *xs)

    case(name, quiet, *inputs, dtypes=("float64",), **options)
    case(f"{name}_single", quiet, *inputs, dtypes=("float32",), rtol=1e-3, atol=1e-4, **options)
