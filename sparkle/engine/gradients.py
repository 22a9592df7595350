"""From losses to steps of an optimizer: accumulation, scaling, clipping, the schedule, and the events between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .events import Events
from .libraries import clipping_for


class GradientSteps:
    """Makes the optimizer step after every `steps` iterations, and at the last one of a training of known length.

    The gradient of a step is the mean over the iterations of its group, an incomplete last group included. In this
    order: the gradients are unscaled, BACKWARD_COMPLETED is fired, they are clipped, the optimizer steps, the schedule
    steps, OPTIM_STEP_COMPLETED is fired. `state_dict` holds the gradients of a group that is under way.
    """

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        steps: int = 1,
        scaler: Any = None,
        clip_grad_norm: float | None = None,
        clip_grad_value: float | None = None,
        lr_scheduler: Any = None,
    ) -> None:
        if steps <= 0:
            raise ValueError(
                f"gradient_accumulation_steps must be strictly positive, got {steps}. No gradient accumulation if the "
                "value set to one (default)."
            )
        _check_bounds(clip_grad_norm=clip_grad_norm, clip_grad_value=clip_grad_value)
        self.optimizer, self.steps, self.scaler, self.lr_scheduler = optimizer, steps, scaler, lr_scheduler
        self.clips = list(_clips(model, clip_grad_norm, clip_grad_value))
        self.count = 0  # iterations whose gradients wait for a step

    def begin(self) -> None:
        """Before an iteration's forward pass: a new group starts without gradients."""
        if self.count == 0:
            self.optimizer.zero_grad()

    def backward(self, engine: Any, loss: Any) -> None:
        """Add the gradients of a loss; step where the group, or the training, ends."""
        self.count += 1
        share = loss if self.steps == 1 else loss / self.steps
        (share if self.scaler is None else self.scaler.scale(share)).backward()
        if engine.state.iteration % self.steps == 0 or (self.steps > 1 and engine.is_last_iteration):
            self.step(engine)

    def step(self, engine: Any) -> None:
        """Make the step of the gradients that wait."""
        optimizer, scaler = self.optimizer, self.scaler
        if scaler is not None:
            scaler.unscale_(optimizer)
        if self.count != self.steps:
            self._rescale(self.steps / self.count)
        engine.fire_event(Events.BACKWARD_COMPLETED)
        for clip in self.clips:
            clip(list(self._parameters()))
        if scaler is None:
            optimizer.step()
        else:
            scaler.step(optimizer)
            scaler.update()
        self.count = 0
        if self.lr_scheduler is not None:
            self.lr_scheduler.step()
        engine.fire_event(Events.OPTIM_STEP_COMPLETED)

    def flush(self, engine: Any) -> None:
        """Handler: where a training ends whose length was not known, make the step of what waits."""
        limit = engine.state.max_epochs
        if self.count and not engine.should_terminate and limit is not None and engine.state.epoch >= limit:
            self.step(engine)

    def state_dict(self) -> dict[str, Any]:
        """The number of iterations that wait for a step, and their gradients."""
        gradients = [parameter.grad for parameter in self._parameters()] if self.count else []
        return {"count": self.count, "gradients": gradients}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on within the group; ValueError where the optimizer has another number of parameters."""
        count, gradients = state_dict["count"], state_dict["gradients"]
        parameters = list(self._parameters()) if count else []
        if len(gradients) != len(parameters):
            raise ValueError(
                f"load_state_dict: the state has {len(gradients)} gradients of a group of iterations that is under "
                f"way, the optimizer has {len(parameters)} parameters"
            )
        self.count = count
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient

    def _parameters(self) -> Iterator[Any]:
        return (parameter for group in self.optimizer.param_groups for parameter in group["params"])

    def _rescale(self, factor: float) -> None:
        for parameter in self._parameters():
            if parameter.grad is not None:
                parameter.grad.mul_(factor)


def _check_bounds(**bounds: float | None) -> None:
    for name, bound in bounds.items():
        if bound is not None and not bound > 0:
            raise ValueError(f"{name} must be strictly positive, got {bound}; None for no clipping")


def _clips(model: Any, norm: float | None, value: float | None) -> Iterator[Callable[[list[Any]], Any]]:
    if norm is not None:
        clip_norm = clipping_for(model).clip_grad_norm_
        yield lambda parameters: clip_norm(parameters, norm)
    if value is not None:
        clip_value = clipping_for(model).clip_grad_value_
        yield lambda parameters: clip_value(parameters, value)
