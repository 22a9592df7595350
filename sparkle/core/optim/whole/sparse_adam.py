"""SparseAdam, which has nothing to work on here."""

from __future__ import annotations

from typing import Any

from ..optimizer import Optimizer


class SparseAdam(Optimizer):
    """Adam for sparse gradients. There are none here, so making one raises NotImplementedError; use `Adam`."""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:
        raise NotImplementedError(
            "SparseAdam: it updates only what sparse gradients name, and sparse gradients do not exist here; use Adam, "
            "which takes the dense gradients that embeddings give"
        )
