"""Schedulers made of schedulers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from ..optimizer import Optimizer
from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler, set_rate


class _JoinedLR(LRScheduler):
    """A scheduler that steps others; its state dict holds theirs."""

    _schedulers: Sequence[LRScheduler]

    def get_lr(self) -> list[Any]:
        """Not there: the rates come from the schedulers."""
        raise NotImplementedError(
            f"{type(self).__name__}.get_lr: its schedulers compute the rates. In a SequentialLR it can come first, "
            "not later, where a scheduler is asked to start at its epoch 0"
        )

    def state_dict(self) -> dict[str, Any]:
        """All that it and its schedulers remember."""
        state = {key: value for key, value in super().state_dict().items() if key != "_schedulers"}
        return {**state, "_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        super().load_state_dict({key: value for key, value in state_dict.items() if key != "_schedulers"})
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)

    def _take(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> None:
        """Note the schedulers, and the optimizer that all of them belong to."""
        name = type(self).__name__
        if not schedulers:
            raise ValueError(f"{name} expects at least one scheduler, but got no scheduler.")
        for i, scheduler in enumerate(schedulers):
            if not hasattr(scheduler, "optimizer"):
                raise TypeError(f"{name}: {type(scheduler).__name__} at index {i} has no `optimizer`, as schedulers do")
            optimizer = optimizer or scheduler.optimizer
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(f"{name}: scheduler {i} is a ReduceLROnPlateau, whose step needs a metric")
            if scheduler.optimizer is not optimizer:
                raise ValueError(
                    f"{name} expects all schedulers to belong to the same optimizer, but scheduler "
                    f"{type(scheduler).__name__} at index {i} has another"
                )
        assert optimizer is not None
        self._schedulers, self.optimizer = schedulers, optimizer


class ChainedScheduler(_JoinedLR):
    """Several schedulers at once: each step is one of every scheduler, in their order.

    Raises ValueError for none, for those of different optimizers, and for a `ReduceLROnPlateau`.

    >>> import sparkle
    >>> optimizer = sparkle.optim.SGD([sparkle.zeros(1, requires_grad=True)], lr=1.0)
    >>> from sparkle.optim.lr_scheduler import ConstantLR, ExponentialLR
    >>> first = ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> scheduler = ChainedScheduler([first, ExponentialLR(optimizer, 0.5)])
    >>> [(round(optimizer.param_groups[0]["lr"], 3), optimizer.step(), scheduler.step())[0] for _ in range(3)]
    [0.5, 0.25, 0.25]
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self._take(schedulers, optimizer)
        self._last_lr = self._rates()

    def step(self) -> None:  # type: ignore[override]
        """Go to the next epoch."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = self._rates()


class SequentialLR(_JoinedLR):
    """One scheduler after another: scheduler i+1 takes over at milestones[i], where its epochs start at 0.

    Raises ValueError for none, for another optimizer's, for a `ReduceLROnPlateau`, and unless there is one milestone
    less than schedulers.

    >>> import sparkle
    >>> optimizer = sparkle.optim.SGD([sparkle.zeros(1, requires_grad=True)], lr=1.0)
    >>> L = sparkle.optim.lr_scheduler
    >>> warmup = L.LinearLR(optimizer, 0.5, total_iters=2)
    >>> scheduler = SequentialLR(optimizer, [warmup, L.ExponentialLR(optimizer, 0.5)], milestones=[2])
    >>> rates = []
    >>> for epoch in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> rates
    [0.5, 0.75, 1.0, 0.5]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: list[LRScheduler], milestones: list[int], last_epoch: int = -1
    ) -> None:
        self._take(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "SequentialLR expects one milestone less than schedulers, but got "
                f"{len(schedulers)} schedulers and {len(milestones)} milestones"
            )
        self._milestones = milestones
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:
            set_rate(group, group["initial_lr"])
        _take_back(schedulers)
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Go to the next epoch."""
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


def _take_back(schedulers: Sequence[LRScheduler]) -> None:
    """Undo the steps that the schedulers made when they were built."""
    for scheduler in schedulers:
        if isinstance(scheduler, _JoinedLR):
            _take_back(scheduler._schedulers)
        else:
            scheduler.last_epoch -= 1
