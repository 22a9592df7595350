"""The learning rate of stochastic weight averaging."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, for_each_group


def _straight(t: float) -> float:
    return t


def _cosine(t: float) -> float:
    return (1 - math.cos(math.pi * t)) / 2


ANNEALING: dict[str, Callable[[float], float]] = {"cos": _cosine, "linear": _straight}


class SWALR(LRScheduler):
    """From the present rates to swa_lr, a number or one for each group, in anneal_epochs epochs, and swa_lr from there.

    anneal_strategy: "cos" or "linear". For stochastic weight averaging (Izmailov et al., 2018). Each rate is computed
    from the one before, so that it can follow another scheduler. Raises ValueError for other strategies, a negative or
    broken number of epochs, and a wrong count of rates.

    >>> import sparkle
    >>> optimizer = sparkle.optim.SGD([sparkle.zeros(1, requires_grad=True)], lr=1.0)
    >>> scheduler = SWALR(optimizer, swa_lr=0.5, anneal_epochs=2, anneal_strategy="linear")
    >>> rates = []
    >>> for epoch in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> rates
    [1.0, 0.75, 0.5, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: Any,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        for group, lr in zip(optimizer.param_groups, for_each_group("swa_lr", optimizer, swa_lr), strict=True):
            group["swa_lr"] = lr
        if anneal_strategy not in ANNEALING:
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be an integer, equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    @property
    def anneal_func(self) -> Callable[[float], float]:
        """How far the rates have come after a part of the epochs, both from 0 to 1."""
        return ANNEALING[self._anneal_strategy]

    def get_lr(self) -> list[Any]:
        """The next rates."""
        self._warn_outside_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._way(step - 1), self._way(step)
        return [self._between(group["lr"], group["swa_lr"], before, now) for group in self.optimizer.param_groups]

    def _way(self, step: int) -> float:
        return self.anneal_func(max(0, min(1, step / max(1, self.anneal_epochs))))

    @staticmethod
    def _between(lr: Any, goal: Any, before: float, now: float) -> Any:
        """The rate after the part `now` of the way, lr being that after the part `before`."""
        start = goal if before == 1 else (lr - before * goal) / (1 - before)
        return goal * now + start * (1 - now)
