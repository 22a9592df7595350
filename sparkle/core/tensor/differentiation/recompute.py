"""Less memory for more time: what a function saves for backward is let go, and computed again for backward."""

from __future__ import annotations

import contextlib
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...autograd.watch import Hooks, current, watching
from ...mode import mode
from ...random import reinstate, snapshot
from ..autocast import casting_as
from ..base import TensorBase
from ..switches import enable_grad, no_grad
from .function import Function
from .gradients import backward
from .saved import Saved, packer

PASS_IT = (
    "{name}: the use_reentrant parameter should be passed explicitly: False is recommended; left out it is True, as it "
    "always was."
)


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Any = None,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """function(*args, **kwargs), which keeps for backward nothing of what happens inside and runs it again there.

    preserve_rng_state: random numbers are the same the second time. use_reentrant=False takes everything that can be
    recorded. True, which is also what None means, runs a backward inside the backward: it works for `backward()` alone,
    not for `grad` or `backward(inputs=...)`, needs a tensor that requires grad among args, and takes no kwargs.
    determinism_check: "default" compares shapes and types of what is computed again, "none" does not. early_stop: stop
    computing when all that was let go is there again. context_fn and debug are not supported.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0, 2.0], requires_grad=True)
    >>> checkpoint(lambda x: x.exp().sin(), x, use_reentrant=False).sum().backward()
    >>> x.grad
    tensor([-2.4784,  3.3129])
    """
    if context_fn is not None:
        raise NotImplementedError("checkpoint: context_fn is not supported; enter contexts inside the function")
    if debug:
        raise NotImplementedError("checkpoint: debug=True is not supported; the error names what was different")
    if determinism_check not in ("default", "none"):
        raise ValueError(f"checkpoint: determinism_check is 'default' or 'none', met {determinism_check!r}")
    if use_reentrant is None:
        warnings.warn(PASS_IT.format(name="checkpoint"), stacklevel=2)
        use_reentrant = True
    if use_reentrant:
        if kwargs:
            raise ValueError(f"Unexpected keyword arguments: {','.join(kwargs)}")
        if not any(isinstance(a, TensorBase) and a.tracked for a in args) and mode.grad:
            warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)
        return _Reentrant.apply(function, preserve_rng_state, *args)
    if not mode.grad:
        return function(*args, **kwargs)
    again = _Again(function, args, kwargs, preserve_rng_state, determinism_check == "default", early_stop)
    return again.first(*args)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """A sequence of functions (or a Sequential), cut into segments, all but the last of which are checkpointed.

    Raises ValueError for a number of segments that is not in 1..len(functions).

    >>> import sparkle
    >>> layers = [lambda x: x * 2, lambda x: x + 1, lambda x: x * x]
    >>> checkpoint_sequential(layers, 2, sparkle.tensor([1.0], requires_grad=True), use_reentrant=False)
    tensor([9.], grad_fn=<MulBackward0>)
    """
    if use_reentrant is None:
        warnings.warn(PASS_IT.format(name="checkpoint_sequential"), stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError(f"Unexpected keyword arguments: {','.join(kwargs)}")
    layers = list(functions)
    if not 1 <= segments <= len(layers):
        raise ValueError(f"checkpoint_sequential: segments is {segments}, wanted 1..{len(layers)}")
    size = len(layers) // segments
    for start in range(0, size * (segments - 1), size):
        part = _chain(layers[start : start + size])
        input = checkpoint(part, input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return _chain(layers[size * (segments - 1) :])(input)


def _chain(layers: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        for layer in layers:
            x = layer(x)
        return x

    return run


class CheckpointError(RuntimeError):
    """A checkpointed function did something else when it was run again."""


class _Enough(Exception):
    """All that was let go is there again."""


class _Place:
    """What a node holds instead of an array; the array may go when the place goes."""

    def __init__(self, number: int) -> None:
        self.number = number


class _Again:
    """One checkpointed call: what is saved in it is replaced by places, and made anew when one of them is opened."""

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        preserve: bool,
        checked: bool,
        early_stop: bool,
    ) -> None:
        self.function, self.args, self.kwargs = function, [_kept(a) for a in args], kwargs
        self.checked, self.early_stop = checked, early_stop
        self.state = snapshot() if preserve else None
        self.casting = mode.autocast
        self.facts: list[tuple[Any, Any]] = []  # shape and type of each array that was let go
        self.places: list[weakref.ref[_Place]] = []
        self.arrays: weakref.WeakKeyDictionary[_Place, Any] = weakref.WeakKeyDictionary()

    def first(self, *args: Any) -> Any:
        """Run the function and let go of what is saved."""
        with _packing(Hooks(self._let_go, self._fetch)):
            return self.function(*args, **self.kwargs)

    def _let_go(self, array: Any) -> _Place:
        place = _Place(len(self.facts))
        self.facts.append((tuple(array.shape), array.dtype))
        self.places.append(weakref.ref(place))
        return place

    def _fetch(self, place: _Place) -> Any:
        if place not in self.arrays:
            self._repeat()
        return self.arrays[place]

    def _repeat(self) -> None:
        """Run the function again and keep, of what is saved, all that somebody still waits for."""
        made: list[Any] = []

        def keep(array: Any) -> Any:
            self._compare(len(made), array)
            made.append(array)
            if self.early_stop and len(made) == len(self.facts):
                raise _Enough
            return array

        args = [a.tensor(None) if isinstance(a, Saved) else a for a in self.args]
        packing = _packing(Hooks(keep, lambda array: array))
        with (
            enable_grad(),
            casting_as(self.casting),
            _random_numbers(self.state),
            packing,
            contextlib.suppress(_Enough),
        ):
            self.function(*args, **self.kwargs)
        if len(made) != len(self.facts):
            raise CheckpointError(
                "checkpoint: a different number of tensors was saved during the original forward and recomputation: "
                f"{len(self.facts)}, then {len(made)}"
            )
        for place, array in zip(self.places, made, strict=True):
            if (waiting := place()) is not None:
                self.arrays[waiting] = array

    def _compare(self, i: int, array: Any) -> None:
        met = (tuple(array.shape), array.dtype)
        if i < len(self.facts) and self.checked and met != self.facts[i]:
            raise CheckpointError(
                "checkpoint: recomputed values for the following tensors have different metadata than during the "
                f"forward pass: tensor {i} was {self.facts[i]}, now {met}"
            )


def _kept(x: Any) -> Any:
    """An argument for the second run; inside another checkpoint its array is let go too."""
    hooks = packer()
    if hooks is None or not isinstance(x, TensorBase):
        return x
    saved = Saved(x)
    saved.settle([], hooks)
    return saved


@contextlib.contextmanager
def _packing(hooks: Hooks) -> Iterator[None]:
    watch = current()
    watching((*watch.packing, hooks), watch.tracing)
    try:
        yield
    finally:
        watching(watch.packing, watch.tracing)


@contextlib.contextmanager
def _random_numbers(state: Any) -> Iterator[None]:
    """Inside, the random numbers of then; afterwards those that would have come now."""
    now = snapshot()
    if state is not None:
        reinstate(state)
    try:
        yield
    finally:
        if state is not None:
            reinstate(now)


class _Reentrant(Function):
    """Runs the function without a graph, and in backward with one, through which it walks at once."""

    @staticmethod
    def forward(ctx: Any, function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        ctx.run_again, ctx.state = function, snapshot() if preserve else None
        ctx.arguments = [None if isinstance(a, TensorBase) else a for a in args]
        ctx.save_for_backward(*(a if isinstance(a, TensorBase) else None for a in args))
        with no_grad():
            return function(*args)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        if mode.task.targets is not None:
            raise RuntimeError(
                "When use_reentrant=True, checkpoint is incompatible with .grad() or passing an `inputs` parameter to "
                ".backward(). Set use_reentrant=False, or call .backward() without `inputs`."
            )
        args = [a if x is None else _detached(x) for a, x in zip(ctx.arguments, ctx.saved_tensors, strict=True)]
        with enable_grad(), _random_numbers(ctx.state):
            results = ctx.run_again(*args)
        results = results if isinstance(results, tuple) else (results,)
        pairs = [
            (y, g)
            for y, g in zip(results, grad_outputs, strict=True)
            if isinstance(y, TensorBase) and y.requires_grad  # type: ignore[attr-defined]
        ]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([y for y, _ in pairs], [g for _, g in pairs])
        return (None, None, *(a.grad_value if isinstance(a, TensorBase) else None for a in args))


def _detached(x: Any) -> Any:
    twin = x.detach()
    return twin.requires_grad_() if x.requires_grad else twin
