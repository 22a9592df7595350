"""A learning rate that follows a metric."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from ...engine import Engine
from .._groups import set_in_group, stand_in
from .._values import as_number
from .base import ParamScheduler


class Plateau:
    """When to reduce rates, as in `sparkle.optim.lr_scheduler.ReduceLROnPlateau`, for any groups with an "lr".

    Args:
        groups: the groups to reduce.
        mode, factor, patience, threshold, threshold_mode, cooldown, eps: as there.
        min_lr: the bound, or one for each group.

    Raises:
        ValueError: factor >= 1, unknown modes, a wrong number of bounds.
    """

    def __init__(
        self,
        groups: list[dict[str, Any]],
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1.0:
            raise ValueError(f"Factor should be < 1.0, met {factor}")
        if mode not in ("min", "max"):
            raise ValueError(f"mode {mode} is unknown! It is 'min' or 'max'")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold mode {threshold_mode} is unknown! It is 'rel' or 'abs'")
        self.groups = groups
        self.min_lrs = list(min_lr) if isinstance(min_lr, (list, tuple)) else [min_lr] * len(groups)
        if len(self.min_lrs) != len(groups):
            raise ValueError(f"expected {len(groups)} min_lrs, got {len(self.min_lrs)}")
        self.factor, self.patience, self.cooldown, self.eps = factor, patience, cooldown, eps
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.best = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = self.num_bad_epochs = self.last_epoch = 0

    def step(self, metric: float) -> None:
        """Take note of the metric; reduce the rates when it has not become better for more than `patience` steps."""
        self.last_epoch += 1
        if self._is_better(metric):
            self.best, self.num_bad_epochs = metric, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0

    def _is_better(self, metric: float) -> bool:
        sign = -1.0 if self.mode == "min" else 1.0
        if self.threshold_mode == "rel":
            return sign * metric > sign * (self.best * (1.0 + sign * self.threshold))
        return sign * metric > sign * (self.best + sign * self.threshold)

    def _reduce(self) -> None:
        for group, low in zip(self.groups, self.min_lrs, strict=True):
            old = float(group["lr"])
            new = max(old * self.factor, low)
            if old - new > self.eps:
                set_in_group(group, "lr", new)

    def state_dict(self) -> dict[str, Any]:
        """All that it remembers, except the groups."""
        return {key: value for key, value in self.__dict__.items() if key != "groups"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        self.__dict__.update(state_dict)


class ReduceLROnPlateauScheduler(ParamScheduler):
    """Multiplies the rate by a factor when a metric has not become better for a while.

    Attach it to an event at which `engine.state.metrics` has the metric, as COMPLETED of an evaluator.

    Args:
        optimizer: as in ParamScheduler.
        metric_name: the metric to follow.
        trainer: the engine in whose state the history is kept.
        save_history: append the rates to `trainer.state.param_history["lr"]`.
        param_group_index: the one group whose rate to reduce; None for all of them.
        scheduler_kwargs: mode, factor, patience, threshold, threshold_mode, cooldown, min_lr and eps of
            `sparkle.optim.lr_scheduler.ReduceLROnPlateau`. `min_lr` is one bound, or one for each group.

    Raises:
        TypeError: an unknown argument; several bounds with param_group_index.
        ValueError: factor >= 1, unknown modes, a wrong number of bounds; when called: no such metric.

    Example:
        >>> rows = ReduceLROnPlateauScheduler.simulate_values(
        ...     5, metric_values=[3.0, 2.0, 2.0, 2.0, 2.0], init_lr=1.0, patience=0, factor=0.5, min_lr=0.25
        ... )
        >>> [rate for _, rate in rows]
        [1.0, 1.0, 0.5, 0.25, 0.25]
    """

    def __init__(
        self,
        optimizer: Any,
        metric_name: str,
        trainer: Engine | None = None,
        save_history: bool = False,
        param_group_index: int | None = None,
        **scheduler_kwargs: Any,
    ) -> None:
        super().__init__(optimizer, "lr", save_history=save_history, param_group_index=param_group_index)
        self.metric_name = metric_name
        self.trainer = trainer
        if "verbose" in scheduler_kwargs:
            warnings.warn(
                "Found verbose in provided scheduler_kwargs. It is left out. Please use save_history instead.",
                stacklevel=2,
            )
            del scheduler_kwargs["verbose"]
        if param_group_index is not None and as_number(scheduler_kwargs.get("min_lr", 0.0)) is None:
            met = scheduler_kwargs["min_lr"]
            raise TypeError(
                f"When param_group_index is given, min_lr should be a float, but given {type(met)} {met!r:.80}"
            )
        self.scheduler = Plateau(self.optimizer_param_groups, **scheduler_kwargs)
        self._state_attrs += ["metric_name", "scheduler"]

    def __call__(self, engine: Engine, name: str | None = None) -> None:  # type: ignore[override]
        """Read the metric of `engine`, and reduce the rate if it is time.

        Raises:
            ValueError: there is no such metric, or it is no number.
        """
        metrics = getattr(engine.state, "metrics", {})
        if self.metric_name not in metrics:
            raise ValueError(
                "Argument engine should have in its 'state', attribute 'metrics' which itself has the metric "
                f"{self.metric_name}; it has {list(metrics)}"
            )
        metric = as_number(metrics[self.metric_name])
        if metric is None:
            raise ValueError(f"metric {self.metric_name} is {metrics[self.metric_name]!r:.80}, wanted a number")
        self.scheduler.step(metric)
        super().__call__(self.trainer, name)

    def get_param(self) -> Any:
        """Return the present rate, or a list of one for each group."""
        rates = [group["lr"] for group in self.optimizer_param_groups]
        return rates[0] if len(rates) == 1 else rates

    @classmethod
    def simulate_values(  # type: ignore[override]
        cls, num_events: int, metric_values: list[float], init_lr: float, **scheduler_kwargs: Any
    ) -> list[list[Any]]:
        """Return [event_index, rate] when the metric takes these values.

        Raises:
            ValueError: metric_values has not num_events entries.
        """
        if len(metric_values) != num_events:
            raise ValueError(
                f"Length of argument metric_values should be equal to num_events. {len(metric_values)} != {num_events}"
            )
        ignored = ("optimizer", "metric_name", "save_history")
        options = {key: value for key, value in scheduler_kwargs.items() if key not in ignored}
        optimizer = stand_in(1 + max(options.get("param_group_index") or 0, 0), lr=init_lr)
        scheduler = cls(optimizer=optimizer, metric_name="metric", **options)
        values = []
        for index, metric in enumerate(metric_values):
            scheduler(SimpleNamespace(state=SimpleNamespace(metrics={"metric": metric})))  # type: ignore[arg-type]
            values.append([index, scheduler.optimizer_param_groups[0]["lr"]])
        return values
