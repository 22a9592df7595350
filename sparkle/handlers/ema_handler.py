"""A second model whose weights follow the first one's slowly."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from ..engine import Engine, Events
from .param_scheduler.base import check_state
from .state_param_scheduler import LambdaStateScheduler

__all__ = ["EMAHandler"]

_BUFFERS = ("copy", "update", "ema_train")
_METHODS = ("parameters", "buffers", "state_dict", "load_state_dict", "train", "eval")


class EMAWarmUp:
    """The momentum at the event `event_index`, which counts from 1: a line from one value to the other, then constant.

    >>> warm_up = EMAWarmUp(momentum_warmup=0.5, warmup_iters=3, momentum=0.1)
    >>> [round(warm_up(index), 3) for index in (1, 2, 3, 4)]
    [0.5, 0.3, 0.1, 0.1]
    """

    def __init__(self, momentum_warmup: float, warmup_iters: int, momentum: float) -> None:
        self.momentum_warmup = momentum_warmup
        self.warmup_iters = warmup_iters
        self.momentum = momentum

    def __call__(self, event_index: int) -> float:
        steps = max(1, self.warmup_iters - 1)
        momentum = self.momentum_warmup + (self.momentum - self.momentum_warmup) * (event_index - 1) / steps
        bound = min if self.momentum >= self.momentum_warmup else max
        return bound(self.momentum, momentum)


class EMAHandler:
    """Keeps `ema_model`, a copy of a model whose parameters are an exponential moving average of the model's.

    At each event `ema = (1 - momentum) * ema + momentum * parameter` (Polyak & Juditsky, 1992), and with a warm-up
    the momentum itself goes on a line from one value to the other.

    Args:
        model: the model to follow, a Module.
        momentum: how much of the model is taken over, between 0 and 1.
        momentum_warmup: the momentum to begin with.
        warmup_iters: after so many events it is `momentum`.
        handle_buffers: "copy" takes over the model's buffers, "update" averages them too (integers and booleans
            are copied), "ema_train" leaves them to `ema_model`, which then is in training
            mode for you to feed.

    Raises:
        ValueError: a momentum not between 0 and 1, no Module, an unknown handle_buffers, one of the two arguments
            of the warm-up without the other, warmup_iters < 1.

    Example:
        >>> import sparkle
        >>> from sparkle.engine import Engine
        >>> model = sparkle.nn.Linear(1, 1, bias=False)
        >>> model.weight.data.fill_(0.0)
        tensor([[0.]])
        >>> ema = EMAHandler(model, momentum=0.5)
        >>> trainer = Engine(lambda engine, batch: model.weight.data.fill_(batch))
        >>> ema.attach(trainer)
        >>> _ = trainer.run([8.0, 8.0])
        >>> ema.ema_model.weight.item()
        6.0
        >>> with ema.swapped():
        ...     model.weight.item()
        6.0
    """

    def __init__(
        self,
        model: Any,
        momentum: float = 0.0002,
        momentum_warmup: float | None = None,
        warmup_iters: int | None = None,
        handle_buffers: str = "copy",
    ) -> None:
        if not 0 < momentum < 1:
            raise ValueError(f"Invalid momentum: {momentum}, wanted more than 0 and less than 1")
        if (momentum_warmup is None) != (warmup_iters is None) or (warmup_iters is not None and warmup_iters < 1):
            raise ValueError(
                f"EMAHandler: momentum_warmup={momentum_warmup} and warmup_iters={warmup_iters}: wanted both of them "
                "or none, and at least one iteration"
            )
        if not all(callable(getattr(model, name, None)) for name in _METHODS):
            raise ValueError(
                f"model should be an instance of nn.Module or its subclasses, but got model: {type(model).__name__}"
            )
        if handle_buffers not in _BUFFERS:
            raise ValueError(f"handle_buffers can only be one of {_BUFFERS}, but got {handle_buffers!r}")
        self.momentum = momentum
        self.model = model
        self.handle_buffers = handle_buffers
        self.momentum_scheduler: LambdaStateScheduler | None = None
        self._warm_up: EMAWarmUp | None = None
        if momentum_warmup is not None and warmup_iters is not None:
            self._warm_up = EMAWarmUp(momentum_warmup, warmup_iters, momentum)
        self.ema_model = deepcopy(model)
        for parameter in self.ema_model.parameters():
            parameter.requires_grad_(False)
        self.ema_model.train(handle_buffers == "ema_train")

    def attach(
        self,
        engine: Engine,
        name: str = "ema_momentum",
        warn_if_exists: bool = True,
        event: Any = Events.ITERATION_COMPLETED,
    ) -> None:
        """Update `ema_model` at each `event` of `engine`, with the momentum that is in `engine.state.<name>`.

        The attribute is made; one that exists is used as it is, with a warning unless warn_if_exists is False. It
        may be set to another momentum at any time; during a warm-up the handler sets it.
        """
        if hasattr(engine.state, name):
            if warn_if_exists:
                warnings.warn(
                    f"Attribute '{name}' already exists in Engine.state. It might because 1. the engine has loaded its "
                    f"state dict or 2. {name} is already created by other handlers. Turn off this warning by setting "
                    "warn_if_exists to False.",
                    category=UserWarning,
                    stacklevel=2,
                )
        else:
            setattr(engine.state, name, self.momentum)
        if self._warm_up is not None:
            if self.momentum_scheduler is None or self.momentum_scheduler.param_name != name:
                self.momentum_scheduler = LambdaStateScheduler(self._warm_up, param_name=name)
            self.momentum_scheduler.attach(engine, event)
        engine.add_event_handler(event, self._update_ema_model, name)

    def _update_ema_model(self, engine: Engine, name: str) -> None:
        momentum = getattr(engine.state, name)
        for average, value in zip(self.ema_model.parameters(), self.model.parameters(), strict=True):
            _blend(average, value, momentum)
        if self.handle_buffers == "ema_train":
            return
        for average, value in zip(self.ema_model.buffers(), self.model.buffers(), strict=True):
            if self.handle_buffers == "update" and (average.is_floating_point() or average.is_complex()):
                _blend(average, value, momentum)
            else:
                average.data.copy_(value.data)

    @contextmanager
    def swapped(self) -> Iterator[Any]:
        """Give the model the averaged parameters and buffers for a while, as to evaluate or save it; yield the model.

        The values change places, so that `ema_model` has the model's in the meantime.
        """
        self._swap()
        try:
            yield self.model
        finally:
            self._swap()

    def _swap(self) -> None:
        for kind in ("parameters", "buffers"):
            for mine, other in zip(getattr(self.ema_model, kind)(), getattr(self.model, kind)(), strict=True):
                kept = other.data.clone()
                other.data.copy_(mine.data)
                mine.data.copy_(kept)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of `ema_model`, and where the warm-up is (None without one)."""
        scheduler = self.momentum_scheduler
        return {
            "ema_model": self.ema_model.state_dict(),
            "momentum_scheduler": None if scheduler is None else scheduler.state_dict(),
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave.

        Raises:
            TypeError: it is no mapping.
            ValueError: an entry is missing.
            RuntimeError: the model is another one.
        """
        check_state(state_dict, ["ema_model", "momentum_scheduler"], "EMAHandler")
        self.ema_model.load_state_dict(state_dict["ema_model"])
        if state_dict["momentum_scheduler"] is not None and self._warm_up is not None:
            if self.momentum_scheduler is None:
                name = state_dict["momentum_scheduler"]["param_name"]
                self.momentum_scheduler = LambdaStateScheduler(self._warm_up, param_name=name)
            self.momentum_scheduler.load_state_dict(state_dict["momentum_scheduler"])


def _blend(average: Any, value: Any, momentum: float) -> None:
    average.data.mul_(1.0 - momentum).add_(value.data, alpha=momentum)
