"""Switches for gradient recording, each a context manager, a decorator and (set_grad_enabled) a function."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..mode import mode as thread


class _Switch:
    """Sets recording while a `with` block or a decorated function runs, and restores it whatever happens."""

    value = False

    def __enter__(self) -> None:
        self._stack = getattr(self, "_stack", [])
        self._stack.append(thread.grad)
        thread.grad = self.value

    def __exit__(self, *exc: Any) -> None:
        thread.grad = self._stack.pop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
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
            answer = None
            while True:
                try:
                    with self._fresh():
                        item = generator.send(answer)
                except StopIteration as stop:
                    return stop.value
                try:
                    answer = yield item
                except GeneratorExit:
                    generator.close()
                    raise
                except BaseException as error:
                    with self._fresh():
                        answer = generator.throw(error)

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
        self.value = bool(mode)
        self._before = thread.grad
        thread.grad = self.value

    def __enter__(self) -> None:
        self._stack = getattr(self, "_stack", [])
        self._stack.append(self._before)
        thread.grad = self.value

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        thread.grad = self._before  # it decorates: calling it was no request to switch now
        return super().__call__(function)


class inference_mode(_Switch):
    """No gradients inside: like `no_grad` (sparkle keeps no further books that it could save)."""

    def __init__(self, mode: bool = True) -> None:
        self.value = not mode and thread.grad


def is_grad_enabled() -> bool:
    """Are gradients being recorded in this thread?"""
    return thread.grad
