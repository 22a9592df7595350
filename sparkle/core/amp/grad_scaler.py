"""`GradScaler`: losses scaled up so that gradients of half precision do not vanish."""

from __future__ import annotations

import math
import warnings
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy

from .. import backend, dtypes
from ..mode import mode
from ..tensor.base import TensorBase, wrap
from ..tensor.write import touch

READY, UNSCALED, STEPPED = "ready", "unscaled", "stepped"


class GradScaler:
    """Scales losses, and takes the scale out of the gradients before the optimizer steps.

    A step whose gradients hold inf or nan is left out, and the scale is multiplied by backoff_factor; after
    growth_interval steps in a row without any it is multiplied by growth_factor. enabled: False makes it do nothing.

    >>> import sparkle
    >>> p = sparkle.nn.Parameter(sparkle.ones(1))
    >>> optimizer, scaler = sparkle.optim.SGD([p], lr=0.5), GradScaler("cpu", init_scale=4.0)
    >>> scaler.scale((p * p).sum()).backward(); p.grad
    tensor([8.])
    >>> _ = scaler.step(optimizer); scaler.update(); p.data
    tensor([0.])
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        self._device, self._enabled = device, enabled
        if enabled and device == "cuda" and not backend.cuda_device_count():
            warnings.warn("GradScaler is enabled, but CUDA is not available.  Disabling.", UserWarning, stacklevel=2)
            self._enabled = False
        if not self._enabled:
            return
        if growth_factor <= 1.0:
            raise AssertionError(f"The growth factor must be > 1.0, met {growth_factor}")
        if backoff_factor >= 1.0:
            raise AssertionError(f"The backoff factor must be < 1.0, met {backoff_factor}")
        self._init_scale, self._init_growth_tracker = init_scale, 0
        self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
        self._growth_interval = growth_interval
        self._scale: Any = None
        self._growth_tracker: Any = None
        self._optimizers: dict[int, _Progress] = defaultdict(_Progress)

    def scale(self, outputs: Any) -> Any:
        """The tensor, or the list or tuple of tensors, times the scale; ValueError for anything else."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, TensorBase):
            self._begin()
            known: Any = outputs
            return known * self._scale.to(known.device)
        if not isinstance(outputs, Iterable) or isinstance(outputs, (str, bytes)):
            raise ValueError(f"scale: outputs must be a Tensor or an iterable of Tensors, met {type(outputs).__name__}")
        scaled = map(self.scale, outputs)
        return type(outputs)(scaled) if isinstance(outputs, (list, tuple)) else scaled  # type: ignore[call-arg]

    def unscale_(self, optimizer: Any) -> None:
        """Divide the gradients of the optimizer's parameters by the scale, for clipping before `step`.

        Raises RuntimeError when called twice, or after step(), since the last update(), ValueError for float16
        gradients, and AssertionError where nothing was scaled before.
        """
        if not self._enabled:
            return
        self._check("unscale_")
        progress = self._optimizers[id(optimizer)]
        if progress.stage is UNSCALED:
            raise RuntimeError("unscale_() has already been called on this optimizer since the last update().")
        if progress.stage is STEPPED:
            raise RuntimeError("unscale_() is being called after step().")
        progress.found_inf = _unscale(optimizer, self._scale)
        progress.stage = UNSCALED

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """`optimizer.step(*args)` on unscaled gradients, unless they hold inf or nan; returns what it returns, or None.

        Raises RuntimeError for a closure, and when called twice since the last update().
        """
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError("step: Closure use is not currently supported if GradScaler is enabled.")
        self._check("step")
        progress = self._optimizers[id(optimizer)]
        if progress.stage is STEPPED:
            raise RuntimeError("step() has already been called since the last update().")
        if progress.stage is READY:
            self.unscale_(optimizer)
        if progress.found_inf is None:
            raise AssertionError("No inf checks were recorded for this optimizer: it has no gradients.")
        result = None if progress.found_inf else optimizer.step(*args, **kwargs)
        progress.stage = STEPPED
        return result

    def update(self, new_scale: Any = None) -> None:
        """Set the scale for the next iteration: to new_scale, a number or a tensor of one, or by what was found.

        Raises AssertionError where no gradients were looked at since the last update.
        """
        if not self._enabled:
            return
        self._check("update")
        if new_scale is None:
            self._grow_or_back_off()
        elif isinstance(new_scale, TensorBase):
            known: Any = new_scale
            if known.numel() != 1 or known.requires_grad or known.dtype is not dtypes.float32:
                raise AssertionError(
                    "update: new_scale should be a float or a 1-element FloatTensor with requires_grad=False, met "
                    f"{known.dtype} of shape {tuple(known.shape)}"
                )
            self._scale.fill_(known.item())
        else:
            self._scale.fill_(new_scale)
        self._optimizers.clear()

    def _grow_or_back_off(self) -> None:
        found = [p.found_inf for p in self._optimizers.values() if p.found_inf is not None]
        if not found:
            raise AssertionError("No inf checks were recorded prior to update.")
        if any(found):
            self._scale.mul_(self._backoff_factor)
            self._growth_tracker.fill_(0)
        elif self._growth_tracker.item() + 1 == self._growth_interval:
            grown = self._scale * self._growth_factor
            if math.isfinite(grown.item()):
                self._scale.copy_(grown)
            self._growth_tracker.fill_(0)
        else:
            self._growth_tracker.add_(1)

    def _begin(self) -> None:
        """Make the scale a tensor, once something is scaled by it."""
        if self._scale is None:
            self._scale = wrap(numpy.array(self._init_scale, "float32"))
            self._growth_tracker = wrap(numpy.array(self._init_growth_tracker, "int32"))

    def _check(self, name: str) -> None:
        if self._scale is None:
            raise AssertionError(
                f"Attempted {name} but _scale is None.  This may indicate your script did not use scaler.scale(loss or "
                "outputs) earlier in the iteration."
            )

    def get_scale(self) -> float:
        """The scale as a number; 1.0 where scaling is disabled."""
        if not self._enabled:
            return 1.0
        return float(self._init_scale if self._scale is None else self._scale.item())

    def get_growth_factor(self) -> float:
        """What the scale is multiplied by after growth_interval good steps."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Set `growth_factor`."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """What the scale is multiplied by after a step with inf or nan."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Set `backoff_factor`."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """After how many good steps in a row the scale grows."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Set `growth_interval`."""
        self._growth_interval = new_interval

    def _get_growth_tracker(self) -> int:
        if not self._enabled:
            return 0
        return int(self._init_growth_tracker if self._growth_tracker is None else self._growth_tracker.item())

    def is_enabled(self) -> bool:
        """Does it scale?"""
        return self._enabled

    def state_dict(self) -> dict[str, Any]:
        """Scale, factors, interval and the number of good steps, as torch names them; empty where disabled."""
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(),
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._get_growth_tracker(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave; RuntimeError for that of a disabled scaler."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "load_state_dict: The source state dict is empty, possibly because it was saved from a disabled "
                "instance of GradScaler."
            )
        values = [state_dict[name] for name in self.state_dict()]  # all of them, before the first changes
        self._init_scale, self._growth_factor, self._backoff_factor, self._growth_interval, tracker = values
        self._init_growth_tracker = tracker
        if self._scale is not None:
            self._scale.fill_(self._init_scale)
            self._growth_tracker.fill_(tracker)

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        if self._enabled:
            if self._optimizers:
                raise AssertionError(
                    "A GradScaler instance may only be pickled at the beginning of an iteration, or at the end after "
                    "scaler.update()."
                )
            state.update(_init_scale=self.get_scale(), _init_growth_tracker=self._get_growth_tracker())
            state.update(_scale=None, _growth_tracker=None)
        return state


class _Progress:
    """How far an optimizer is since the last update: found_inf None until its gradients were looked at."""

    stage = READY
    found_inf: bool | None = None


def _unscale(optimizer: Any, scale: Any) -> bool | None:
    """Divide the gradients by the scale; says whether they hold inf or nan, None where there are none."""
    inverse = float(numpy.float32(1 / scale.item()))
    gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    if any(g.dtype is dtypes.float16 for g in gradients):
        raise ValueError("unscale_: Attempting to unscale FP16 gradients.")
    found = [mode.quiet(_unscale_one, g, inverse) for g in gradients]
    return any(found) if found else None


def _unscale_one(g: Any, inverse: float) -> bool:
    array = g.array
    xp = backend.library(array)
    bad = not bool(xp.isfinite(array).all())
    if inverse != 1:
        array[...] = array * inverse  # in bfloat16 computed in float32, and rounded once
        touch(g)
    return bad
