"""Switches for gradient recording, each a context manager, a decorator and (set_grad_enabled) a function."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

from ..autograd.op import Version
from ..mode import mode as thread


class _Switch:
    """Sets recording while a `with` block or a decorated function runs, and restores it whatever happens."""

    value = False

    def __enter__(self) -> None:
        self._stack = getattr(self, "_stack", [])
        self._stack.append(thread.grad)
        thread.grad = self.value and _on()

    def __exit__(self, *exc: Any) -> None:
        thread.grad = self._stack.pop() and _on()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isclass(function):
            warnings.warn(
                f"decorating a class ({function.__name__}) switches only the making of instances; decorate __init__",
                FutureWarning,
                stacklevel=2,
            )
        if inspect.isgeneratorfunction(function):
            return self._around_generator(function)

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self._fresh():
                return function(*args, **kwargs)

        return inside

    def _fresh(self) -> _Switch:
        twin = object.__new__(type(self))
        twin.value = self.value
        return twin

    def _around_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Each step of the generator runs switched; between steps the caller's mode holds."""

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            step, given = generator.send, None
            while True:
                try:
                    with self._fresh():
                        item = step(given)
                except StopIteration as stop:
                    return stop.value
                try:
                    step, given = generator.send, (yield item)
                except GeneratorExit:
                    with self._fresh():
                        generator.close()
                    raise
                except BaseException as error:
                    step, given = generator.throw, error

        return inside


class no_grad(_Switch):
    """No gradients are recorded inside: `with no_grad():` or `@no_grad()`.

    >>> import sparkle
    >>> x = sparkle.ones(2, requires_grad=True)
    >>> with sparkle.no_grad():
    ...     (x * 2).requires_grad
    False
    """

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        switch = super().__new__(cls)
        return switch if function is None else switch(function)


class enable_grad(no_grad):
    """Gradients are recorded inside, also within `no_grad`."""

    value = True


class set_grad_enabled(_Switch):
    """Recording on or off: at once when called as a function, and restored at the end when used with `with`."""

    def __init__(self, mode: bool) -> None:
        self.value = checked("set_grad_enabled", mode)
        self._before = thread.grad
        thread.grad = self.value and _on()

    def __enter__(self) -> None:
        self._stack = getattr(self, "_stack", [])
        self._stack.append(self._before)
        thread.grad = self.value and _on()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        thread.grad = self._before  # it decorates: calling it was no request to switch now
        return super().__call__(function)


class inference_mode(_Switch):
    """Inside, nothing is recorded, and what is made has no place in graphs later either: an inference tensor.

    It may be used in ops outside, but not be saved there for a backward, nor be written in place, nor be asked for its
    version; `clone()` gives a plain tensor. Views of plain tensors stay plain. `inference_mode(False)` leaves the mode,
    and records.

    >>> import sparkle
    >>> x = sparkle.ones(2, requires_grad=True)
    >>> with sparkle.inference_mode():
    ...     y = x * 2
    >>> y.requires_grad, y.is_inference(), y.clone().is_inference()
    (False, True, False)
    """

    value = True

    def __new__(cls, mode: Any = True) -> Any:
        switch = super().__new__(cls)
        return switch(mode) if callable(mode) else switch

    def __init__(self, mode: bool = True) -> None:
        self.value = checked("inference_mode", mode)

    def __enter__(self) -> None:
        self._stack = getattr(self, "_stack", [])
        self._stack.append((thread.grad, thread.inference))
        self._turn(not self.value and thread.on, self.value)

    def __exit__(self, *exc: Any) -> None:
        grad, inference = self._stack.pop()
        self._turn(grad and thread.on, inference)

    @staticmethod
    def _turn(grad: Any, inference: bool) -> None:
        Version.alerts += inference - thread.inference
        thread.grad, thread.inference = grad, inference


def _on() -> Any:
    """What `mode.grad` is where recording is wished for; in inference mode that has no effect."""
    return thread.on if not thread.inference else False


def checked(name: str, value: Any) -> bool:
    """A switch takes a bool."""
    if not isinstance(value, bool):
        raise TypeError(f"{name}: argument 'mode' must be bool, not {type(value).__name__}")
    return value


def is_grad_enabled() -> bool:
    """Are gradients being recorded in this thread?"""
    return bool(thread.grad)


def is_inference_mode_enabled() -> bool:
    """Is this thread in `inference_mode`?"""
    return thread.inference
