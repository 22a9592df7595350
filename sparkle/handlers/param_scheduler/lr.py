"""Schedulers of `sparkle.optim.lr_scheduler` as handlers, and warm-ups before them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from ...engine.utils.signature import accepts
from .._groups import set_in_groups, undone
from .base import ParamScheduler
from .joined import ConcatScheduler, ParamGroupScheduler
from .piecewise import PiecewiseLinear


class LRScheduler(ParamScheduler):
    """Steps a scheduler of `sparkle.optim.lr_scheduler`: the first event sets its first rates, each other one its next.

    The rates depend on nothing but the number of events: what else sets them between two events, as another
    scheduler before this one in a ConcatScheduler, makes no difference. `SequentialLR` and `ChainedScheduler` can be
    wrapped too; for `ReduceLROnPlateau` there is ReduceLROnPlateauScheduler.

    Args:
        lr_scheduler: the scheduler to wrap. Do not step it yourself.
        save_history: as in ParamScheduler.
        use_legacy: begin with the second rates; for attaching to ITERATION_COMPLETED, when the first iteration uses
            those of the optimizer.

    Raises:
        TypeError: it is no learning rate scheduler, or one whose `step` needs an argument.

    Example:
        >>> import sparkle
        >>> from sparkle.engine import Engine
        >>> optimizer = sparkle.optim.SGD([sparkle.zeros(1, requires_grad=True)], lr=1.0)
        >>> schedule = LRScheduler(sparkle.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5))
        >>> rates = []
        >>> trainer = Engine(lambda engine, batch: rates.append(optimizer.param_groups[0]["lr"]))
        >>> schedule.attach(trainer)
        >>> _ = trainer.run(range(5))
        >>> rates
        [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(self, lr_scheduler: Any, save_history: bool = False, use_legacy: bool = False) -> None:
        check_lr_scheduler(lr_scheduler)
        super().__init__(optimizer=lr_scheduler.optimizer, param_name="lr", save_history=save_history)
        self.lr_scheduler = lr_scheduler
        self._skips_first = use_legacy
        if use_legacy:
            warnings.warn(
                "Please make sure to attach scheduler to Events.ITERATION_COMPLETED instead of "
                "Events.ITERATION_STARTED to make sure to use the first lr value from the optimizer, otherwise it "
                "will be skipped",
                stacklevel=2,
            )
        self._state_attrs += ["lr_scheduler"]

    def _get_param(self) -> Any:
        if self.event_index > 0 or self._skips_first:
            self._step()
        return self._rates()

    def _step(self) -> None:
        """Let it compute the next rates, from those that it gave last."""
        rates = self.lr_scheduler.get_last_lr()
        set_in_groups(self.optimizer.param_groups, "lr", list(rates))
        if getattr(self.lr_scheduler, "_step_count", 2) > 1:
            self.lr_scheduler.step()
            return
        with warnings.catch_warnings():  # it warns of an optimizer without a step, but may be tried before any training
            warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler.step")
            self.lr_scheduler.step()

    def _rates(self) -> Any:
        rates = list(self.lr_scheduler.get_last_lr())
        return rates[0] if len(rates) == 1 else rates

    def get_param(self) -> Any:
        """Return what the next event sets: a rate, or a list of one for each group. Nothing is changed."""
        with undone([self.lr_scheduler], self.optimizer.param_groups):
            return deepcopy(self._get_param())

    @classmethod
    def simulate_values(  # type: ignore[override]
        cls, num_events: int, lr_scheduler: Any, **kwargs: Any
    ) -> list[list[Any]]:
        """Return [event_index, rate of each group] of the next `num_events` events; nothing is changed.

        Raises:
            TypeError: lr_scheduler is no learning rate scheduler.
        """
        check_lr_scheduler(lr_scheduler)
        values = []
        with undone([lr_scheduler], lr_scheduler.optimizer.param_groups):
            scheduler = cls(lr_scheduler=lr_scheduler, **{**kwargs, "save_history": False})
            for index in range(num_events):
                scheduler(engine=None)
                values.append([index, *(deepcopy(group["lr"]) for group in scheduler.optimizer_param_groups)])
        return values


def check_lr_scheduler(lr_scheduler: Any) -> None:
    """Raise TypeError unless it has all that a learning rate scheduler has, and can be stepped without arguments."""
    methods = ("step", "get_last_lr", "state_dict", "load_state_dict")
    known = all(callable(getattr(lr_scheduler, name, None)) for name in methods)
    if not (known and isinstance(getattr(getattr(lr_scheduler, "optimizer", None), "param_groups", None), Sequence)):
        raise TypeError(
            "Argument lr_scheduler should be a subclass of sparkle.optim.lr_scheduler.LRScheduler, "
            f"but given {type(lr_scheduler)}"
        )
    if not accepts(lr_scheduler.step):
        raise TypeError(
            f"Argument lr_scheduler: step() of {type(lr_scheduler).__name__} needs more than LRScheduler has to give; "
            "for ReduceLROnPlateau use ReduceLROnPlateauScheduler"
        )


def create_lr_scheduler_with_warmup(
    lr_scheduler: Any,
    warmup_start_value: float,
    warmup_duration: int,
    warmup_end_value: float | None = None,
    save_history: bool = False,
    output_simulated_values: list | None = None,
) -> ConcatScheduler:
    """Return a scheduler whose first `warmup_duration` values lie on a line, and which then is `lr_scheduler`.

    A warm-up that ends where `lr_scheduler` begins, in all groups, hands over at its last value, so that this value
    is not used twice.

    Args:
        lr_scheduler: a parameter scheduler of "lr", or one of `sparkle.optim.lr_scheduler`.
        warmup_start_value: the first value.
        warmup_duration: values of the warm-up, at least 2.
        warmup_end_value: its last value; each group's present rate by default.
        save_history: as in ParamScheduler.
        output_simulated_values: a list, `[None] * n`, that is filled with the first n values as of simulate_values.

    Raises:
        TypeError: no scheduler; a duration that is no integer; output_simulated_values that is no list.
        ValueError: warmup_duration < 2; a scheduler of another parameter.

    Example:
        >>> import sparkle
        >>> optimizer = sparkle.optim.SGD([sparkle.zeros(1, requires_grad=True)], lr=1.0)
        >>> decay = sparkle.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> values = [None] * 5
        >>> scheduler = create_lr_scheduler_with_warmup(decay, 0.0, 3, output_simulated_values=values)
        >>> [rate for _, rate in values]
        [0.0, 0.5, 1.0, 0.5, 0.25]
    """
    if not isinstance(warmup_duration, int):
        raise TypeError(f"Argument warmup_duration should be integer, but given {warmup_duration!r}")
    if not warmup_duration > 1:
        raise ValueError(f"Argument warmup_duration should be at least 2 events, but given {warmup_duration}")
    if not (output_simulated_values is None or isinstance(output_simulated_values, list)):
        raise TypeError(
            "Argument output_simulated_values should be a list of None, e.g. `[None] * 100`, "
            f"but given {type(output_simulated_values)}."
        )
    if not isinstance(lr_scheduler, ParamScheduler):
        lr_scheduler = LRScheduler(lr_scheduler, save_history=save_history)
    groups = lr_scheduler.optimizer.param_groups
    ends = [deepcopy(group["lr"]) if warmup_end_value is None else warmup_end_value for group in groups]
    warmup = ParamGroupScheduler(
        [
            PiecewiseLinear(
                lr_scheduler.optimizer,
                param_name="lr",
                milestones_values=[(0, warmup_start_value), (warmup_duration - 1, end)],
                param_group_index=index,
            )
            for index, end in enumerate(ends)
        ]
    )
    begins = lr_scheduler.get_param()
    meets = ends == (begins if isinstance(begins, list) else [begins] * len(ends))
    schedulers: list[Any] = [warmup, lr_scheduler]
    durations = [warmup_duration - meets]
    if output_simulated_values is not None:
        output_simulated_values[:] = ConcatScheduler.simulate_values(
            len(output_simulated_values), schedulers=schedulers, durations=durations
        )
    return ConcatScheduler(schedulers, durations=durations, save_history=save_history)
