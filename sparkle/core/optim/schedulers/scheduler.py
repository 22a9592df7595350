"""The base of learning rate schedulers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import FunctionType
from typing import Any

from ...tensor.base import TensorBase, wrap
from ..checks import number
from ..optimizer import Optimizer

TOO_EARLY = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`: the first value of the schedule is skipped. "
    "Call `optimizer.step()` before `lr_scheduler.step()`."
)
EPOCH = (
    "The epoch parameter in `scheduler.step()` is deprecated: with it the closed form of the schedule is used, where "
    "there is one. Please use `scheduler.step()`."
)


class LRScheduler:
    """Sets the learning rates of an optimizer's groups as epochs go by. A subclass gives `get_lr`.

    The first rates are noted in the groups as "initial_lr". last_epoch: -1 at the start of a training; the number of
    the last epoch to go on from there, which needs "initial_lr" in the groups. Call `step` after the optimizer's.
    Raises TypeError for what is no optimizer, KeyError for a missing "initial_lr".
    """

    _is_initial = False
    _get_lr_called_within_step = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", _copy(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with "
                    "last_epoch >= 0: load the optimizer's state first, or leave last_epoch out for a new training"
                )
        self.base_lrs = [_copy(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        optimizer._watched = True
        self._initial_step()

    def _initial_step(self) -> None:
        """The step that sets the rates of the first epoch."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def get_lr(self) -> list[Any]:
        """The groups' rates for `last_epoch`, computed from those before. `get_last_lr` tells the present ones."""
        raise NotImplementedError(f"{type(self).__name__}.get_lr")

    def get_last_lr(self) -> list[Any]:
        """The groups' rates as the last step set them."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch, or (deprecated) to the one given. Warns when the optimizer has not made a step yet."""
        if self._step_count == 1 and not self.optimizer._stepped:
            warnings.warn(TOO_EARLY, UserWarning, stacklevel=2)
        self._step_count += 1
        if epoch is not None:
            warnings.warn(EPOCH, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed = getattr(self, "_get_closed_form_lr", None)
        self._set_rates(self.get_lr if epoch is None or closed is None else closed)

    def _set_rates(self, compute: Callable[[], list[Any]]) -> None:
        self._get_lr_called_within_step = True
        try:
            values = compute()
        finally:
            self._get_lr_called_within_step = False
        for group, lr in zip(self.optimizer.param_groups, values, strict=True):
            set_rate(group, lr)
        self._last_lr = self._rates()

    def _rates(self) -> list[Any]:
        return [_copy(group["lr"]) for group in self.optimizer.param_groups]

    def _warn_outside_step(self) -> None:
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
                UserWarning,
                stacklevel=3,
            )

    def state_dict(self) -> dict[str, Any]:
        """All that it remembers, except the optimizer."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        self.__dict__.update(state_dict)


class _LRScheduler(LRScheduler):
    """The name that `LRScheduler` had."""


class FactorLR(LRScheduler):
    """A scheduler whose step multiplies every rate by one factor.

    A subclass gives `_factor()` for `last_epoch`, and `_part()`: the rate as part of the initial one.
    """

    def _factor(self) -> float:
        raise NotImplementedError(f"{type(self).__name__}._factor")

    def _part(self) -> float:
        raise NotImplementedError(f"{type(self).__name__}._part")

    def get_lr(self) -> list[Any]:
        """The rates times the factor of this epoch."""
        self._warn_outside_step()
        factor = self._factor()
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> list[Any]:
        part = self._part()
        return [base * part for base in self.base_lrs]


def set_rate(group: dict[str, Any], lr: Any) -> None:
    """The group's new rate; a rate that is a tensor stays the same tensor."""
    if isinstance(group["lr"], TensorBase):
        group["lr"].array[...] = number(lr)
    else:
        group["lr"] = lr


def _copy(lr: Any) -> Any:
    return wrap(lr.array.copy()) if isinstance(lr, TensorBase) else lr


def for_each_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """One value for each group: value itself for all of them, or a list or tuple with as many."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        value = [value] * count
    elif len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups: it has {len(value)} values, param_groups has "
            f"{count}"
        )
    return [_copy(v) for v in value]


def saved_fields(function: Any) -> dict[str, Any] | None:
    """What a state dict holds of a user's function: the fields of a callable object, None for a plain function."""
    return None if function is None or isinstance(function, FunctionType) else dict(function.__dict__)


def load_fields(function: Any, fields: dict[str, Any] | None) -> None:
    """Put back what `saved_fields` gave."""
    if fields is not None:
        function.__dict__.update(fields)
