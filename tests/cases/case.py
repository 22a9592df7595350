"""What a case is: one call that means the same to sparkle and to torch, and the inputs to try it on."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

CASES: list[Case] = []
RAISES: list[tuple[str, Callable[..., Any]]] = []


@dataclass(frozen=True)
class Case:
    """`call(L, *inputs)` with L = sparkle or torch. Shapes become random tensors; arrays are passed as they are."""

    name: str
    call: Callable[..., Any]
    inputs: tuple[Any, ...]
    low: float = -2.0
    high: float = 2.0
    dtypes: tuple[str, ...] = ("float32", "float64")
    grad: bool = True  # is it differentiable?
    gradgrad: bool = True  # twice?
    rtol: float | None = None
    atol: float | None = None

    def __str__(self) -> str:
        return f"{self.name}-{'-'.join(_text(x) for x in self.inputs)}"

    def arrays(self, dtype: str) -> list[tuple[np.ndarray, bool]]:
        """The inputs as arrays, each with: are gradients taken for it? The same values every time."""
        random = np.random.default_rng(zlib.crc32(str(self).encode()))
        made = []
        for x in self.inputs:
            if isinstance(x, np.ndarray):
                made.append((x, False))
            elif dtype == "bool":
                made.append((np.asarray(random.random(x) < 0.5), False))
            else:
                values = random.uniform(self.low, self.high, x)
                made.append((np.asarray(values).astype(dtype), dtype.startswith("float")))
        return made


def _text(x: Any) -> str:
    return f"{x.dtype}{list(x.shape)}" if isinstance(x, np.ndarray) else "x".join(map(str, x)) or "0d"


def case(name: str, call: Callable[..., Any], *inputs: Any, **options: Any) -> None:
    """Add a case. inputs: shapes (tuples) of random tensors in low..high, or arrays (indices, masks)."""
    options.setdefault("grad", any(isinstance(x, tuple) for x in inputs))
    CASES.append(Case(name, call, inputs, **options))


def raises(name: str, call: Callable[..., Any]) -> None:
    """Add a misuse: call(L) must raise the same class of error in sparkle as in torch."""
    RAISES.append((name, call))
