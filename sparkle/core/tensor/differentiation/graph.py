"""The graph as a thing of its own: hooks over several tensors, edges, versions, and the search for anomalies."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from ...autograd.op import Op, shown
from ...autograd.walk import leading_to
from ...autograd.watch import current, watching
from ...mode import mode
from ..base import TensorBase
from ..switches import checked
from ..write import touch
from .gradients import GradientEdge


def get_gradient_edge(tensor: Any) -> GradientEdge:
    """Where the gradient of a tensor is gathered; it may stand for the tensor in `grad` and in `backward(inputs=...)`.

    Raises RuntimeError for a tensor that does not require grad.

    >>> import sparkle
    >>> x = sparkle.tensor(3.0, requires_grad=True)
    >>> sparkle.autograd.grad(x * x, get_gradient_edge(x))
    (tensor(6.),)
    """
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge of a tensor that does not require grad")
    edge = tensor.node or tensor
    return GradientEdge(*shown(edge), edge)


def increment_version(tensor: Any) -> None:
    """Count a write to a tensor, or to each of several, that autograd could not see.

    >>> import sparkle
    >>> x = sparkle.ones(2)
    >>> increment_version(x); x._version
    1
    """
    for x in [tensor] if isinstance(tensor, TensorBase) else tensor:
        touch(x)


class MultiGradHook:
    """The handle of a hook over several tensors: `remove()`, or leaving a `with` block, takes it away."""

    def __init__(self, handles: Sequence[Any]) -> None:
        self._handles = handles

    def remove(self) -> None:
        """Take the hook away."""
        for handle in self._handles:
            handle.remove()

    def __enter__(self) -> MultiGradHook:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()


def register_multi_grad_hook(tensors: Sequence[Any], fn: Callable[..., Any], *, mode: str = "all") -> MultiGradHook:
    """Call fn once in each backward when gradients of these tensors are known.

    mode "all": fn gets a list with a gradient for each tensor, None for those that this backward does not reach, when
    the last of them is known. mode "any": fn gets the first gradient that is known.

    >>> import sparkle
    >>> a, b = sparkle.ones(1, requires_grad=True), sparkle.ones(1, requires_grad=True)
    >>> handle = register_multi_grad_hook([a, b], print)
    >>> (a * 2 + b * 3).backward()
    [tensor([2.]), tensor([3.])]
    """
    if mode not in ("all", "any"):
        raise ValueError(f"register_multi_grad_hook: expected mode to be one of ('all', 'any') but got {mode}")
    note = _Gathering(tensors, fn) if mode == "all" else _First(fn)
    return MultiGradHook([x.register_hook(note.of(i)) for i, x in enumerate(tensors)])


class _First:
    """Tells of the first gradient in each walk."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn

    def of(self, i: int) -> Callable[[Any], None]:
        def hook(g: Any) -> None:
            inside = mode.task.inside
            if self not in inside:
                inside[self] = True
                self.fn(g)

        return hook


class _Gathering:
    """Tells of all gradients in each walk when the last is known."""

    def __init__(self, tensors: Sequence[Any], fn: Callable[..., Any]) -> None:
        self.fn = fn
        self.edges = [weakref.ref(x.node or x) for x in tensors]  # their hooks hold this

    def of(self, i: int) -> Callable[[Any], None]:
        def hook(g: Any) -> None:
            inside = mode.task.inside
            if self not in inside:
                inside[self] = [self._awaited(), [None] * len(self.edges)]
            state = inside[self]
            state[0] -= 1
            state[1][i] = g
            if not state[0]:
                self.fn(state[1])

        return hook

    def _awaited(self) -> int:
        reached = _reached()
        return sum(edge() in reached for edge in self.edges)


def _reached() -> set[Any]:
    """The nodes and leaves at which the walk under way computes a gradient."""
    task = mode.task
    if task.targets is not None:
        return leading_to(task.roots, task.targets) | task.targets
    seen: set[Any] = set()
    waiting = list(task.roots)
    while waiting:
        edge = waiting.pop()
        if edge is not None and edge not in seen:
            seen.add(edge)
            waiting += edge.edges if isinstance(edge, Op) else ()
    return seen


class set_detect_anomaly:
    """Search for anomalies or stop it: at once when called, and restored at the end when used with `with`.

    While it is on, ops remember where in the program they ran. A backward that fails, or (check_nan) makes nan, warns
    with the calls that led to the op's forward, and names the op and the line in its error. For debugging: it is slow.
    The switch belongs to the thread.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = _anomaly()
        _search(check_nan if checked("set_detect_anomaly", mode) else None)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: Any) -> None:
        _search(self._before)


class detect_anomaly:
    """`with detect_anomaly():` around forward and backward finds the op whose backward fails or makes nan.

    >>> import sparkle, warnings
    >>> warnings.simplefilter("ignore")
    >>> x = sparkle.tensor([0.0], requires_grad=True)
    >>> with detect_anomaly():
    ...     (x.sqrt() * 0).backward()
    Traceback (most recent call last):
        ...
    RuntimeError: Function 'SqrtBackward0' returned nan values in its 0th output; its forward ran at ...
    """

    def __init__(self, check_nan: bool = True) -> None:
        self._check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self._before = _anomaly()
        _search(self._check_nan)

    def __exit__(self, *exc: Any) -> None:
        _search(self._before)


def _anomaly() -> bool | None:
    return mode.check_nan


def _search(check_nan: bool | None) -> None:
    mode.check_nan = check_nan
    watching(current().packing, check_nan is not None)


def is_anomaly_enabled() -> bool:
    """Are anomalies being looked for in this thread?"""
    return mode.check_nan is not None


def is_anomaly_check_nan_enabled() -> bool:
    """Is nan an anomaly that is being looked for?"""
    return bool(mode.check_nan)
