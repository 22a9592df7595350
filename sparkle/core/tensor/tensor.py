"""The tensor: an array, its place in the graph, and the operators. Families of methods come from `methods/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .. import devices, dtypes
from ..autograd.op import HookHandle, Op, Version, hooks_of, shown
from ..dtypes import FLOATS
from ..mode import mode
from .base import TensorBase, dtype_of, keep_grad, refresh, wrap
from .differentiation import gradients
from .functions.pointwise import arithmetic
from .making.legacy import legacy_array
from .methods.comparison import ComparisonMethods
from .methods.conversion import ConversionMethods
from .methods.indexing import IndexingMethods
from .methods.linalg import LinalgMethods
from .methods.operators import OperatorMethods
from .methods.pointwise import PointwiseMethods
from .methods.reduction import ReductionMethods
from .methods.sampling import SamplingMethods
from .methods.shape import ShapeMethods
from .methods.sorting import SortingMethods
from .methods.special import SpecialMethods
from .methods.spectral import SpectralMethods
from .printing import describe
from .size import Size, size_of


class Tensor(
    OperatorMethods,
    PointwiseMethods,
    ComparisonMethods,
    ReductionMethods,
    SortingMethods,
    SpecialMethods,
    SpectralMethods,
    ShapeMethods,
    IndexingMethods,
    LinalgMethods,
    SamplingMethods,
    ConversionMethods,
    TensorBase,
    public=True,
):
    """A multi-dimensional array of one type that can remember how it was made.

    `Tensor(2, 3)` and `Tensor([1, 2])` are the legacy constructors; `tensor(data)` is the usual one.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        out = super().__new__(cls)
        out.version = Version()
        return out

    def __init__(self, *data: Any) -> None:
        self.array = legacy_array(data, dtypes.get_default_dtype())

    # What it is.

    @property
    def shape(self) -> Size:
        """The size of each dim."""
        return size_of(self.array.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one dim."""
        return size_of(self.array.shape) if dim is None else self.array.shape[self._axis(dim)]

    @property
    def ndim(self) -> int:
        """The number of dims."""
        return int(self.array.ndim)

    def dim(self) -> int:
        """The number of dims."""
        return int(self.array.ndim)

    ndimension = dim

    def numel(self) -> int:
        """The number of elements."""
        return int(self.array.size)

    nelement = numel

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtype_of(self)

    @property
    def device(self) -> devices.device:
        """Where the elements are."""
        return devices.of(self.array)

    # Its place in the graph.

    @property
    def requires_grad(self) -> bool:
        """Will `backward` bring a gradient here? True for what was computed from a tensor for which it is."""
        if self.version.rebased and self.view_of is not None:
            refresh(self)
        return self.tracked

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if self.node is not None and not value:
            raise RuntimeError(
                "requires_grad: you can only change requires_grad flags of leaf variables. To use a computed tensor "
                "in a subgraph that doesn't require differentiation use y.detach()"
            )
        if value and not self.dtype.is_floating_point:
            raise RuntimeError(
                f"requires_grad: only tensors of floating point dtype can require gradients, met {self.dtype}"
            )
        if value and self.version.inference and not mode.inference:
            raise RuntimeError(
                "requires_grad: Setting requires_grad=True on inference tensor outside InferenceMode is not allowed; "
                "use its clone()"
            )
        self.tracked = bool(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set `requires_grad`; returns the tensor."""
        self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Any:
        """The gradient that `backward` has added up here, or None."""
        return self.grad_value

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, TensorBase):
                raise TypeError(f"grad: assigned grad expected to be a Tensor or None but got {type(value).__name__}")
            if value is self:
                raise RuntimeError("grad: can't assign Variable as its own grad")
            if value.array.shape != self.array.shape:
                raise RuntimeError(
                    f"grad: assigned grad has data of a different size: {tuple(value.array.shape)}, the tensor has "
                    f"{tuple(self.array.shape)}"
                )
            if value.array.dtype != self.array.dtype:
                raise RuntimeError(f"grad: assigned grad has data of type {value.dtype}, the tensor has {self.dtype}")
        self.grad_value = value

    @property
    def is_leaf(self) -> bool:
        """Was it made by the user, not by an op with gradients?"""
        return self.grad_fn is None

    @property
    def grad_fn(self) -> Op | None:
        """The node that made it, or None."""
        if self.version.rebased and self.view_of is not None:
            refresh(self)
        node: Op | None = shown(self.node)[0]
        return node

    @property
    def output_nr(self) -> int:
        """Which of the results of `grad_fn` it is."""
        return shown(self.node)[1]

    @property
    def data(self) -> Tensor:
        """The same memory without history; writes to it are not counted, so autograd does not see them."""
        out: Tensor = wrap(self.array)
        if self.version.inference:
            out.version = self.version
        return out

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, TensorBase):
            raise TypeError(f"data: wanted a tensor, met {type(value).__name__}")
        if self.tracked and value.array.dtype.kind not in FLOATS:
            raise RuntimeError(f"data: this tensor requires gradients, so its data must be floats, met {value.dtype}")
        self.array = value.array

    @property
    def _version(self) -> int:
        """How often the memory was written in place; RuntimeError for inference tensors, where nobody counts."""
        if self.version.inference:
            raise RuntimeError("_version: Inference tensors do not track version counter.")
        return self.version.count

    def is_inference(self) -> bool:
        """Was its memory made in `inference_mode`?"""
        return self.version.inference

    def backward(
        self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
    ) -> None:
        """Add the gradients of this tensor to `.grad` of the leaves it depends on. See `sparkle.autograd.backward`.

        >>> x = Tensor([2.0]).requires_grad_()
        >>> (x ** 3).backward(); x.grad
        tensor([12.])
        """
        gradients.backward(self, None if gradient is None else [gradient], retain_graph, create_graph, inputs)

    def detach(self) -> Tensor:
        """A view without history; it shares memory and the count of writes."""
        out: Tensor = wrap(self.array)
        out.version = self.version
        return out

    def detach_(self) -> Tensor:
        """Forget the history; returns the tensor."""
        if self.view_of is not None:
            raise RuntimeError("detach_: can't detach views in-place; use detach() instead")
        self.node, self.tracked = None, False
        return self

    def register_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call hook(grad) when the gradient of this tensor is known; what it returns, unless None, replaces it.

        Hooks run in the order of registration. Where the tensor is written in place later, hooks registered before
        get the gradient of what it was before.

        >>> x = Tensor([2.0]).requires_grad_()
        >>> handle = x.register_hook(lambda g: g * 10)
        >>> (x * 3).backward(); x.grad
        tensor([30.])
        """
        if not self.requires_grad:
            raise RuntimeError("register_hook: cannot register a hook on a tensor that doesn't require gradient")
        if self.node is None:
            return HookHandle(hooks_of(self).on_gradient, hook)
        self.node.hooks, self.node.hooked = self.node.hooks or [], True
        return HookHandle(self.node.hooks, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call hook(tensor) after a gradient was added to `.grad` of this leaf."""
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self.node is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        return HookHandle(hooks_of(self).accumulated, hook)

    def retain_grad(self) -> None:
        """Keep the gradient of this tensor in `.grad` although it is no leaf."""
        if not self.requires_grad:
            raise RuntimeError("retain_grad: can't retain_grad on Tensor that has requires_grad=False")
        if self.node is not None and self.keeper is None:
            self.keeper = keep_grad(self)

    @property
    def retains_grad(self) -> bool:
        """Has `retain_grad` been called on this computed tensor?"""
        return self.keeper is not None

    # Operators. Bitwise and comparison operators stand with their families.

    __array_priority__ = 1000  # `array + tensor` is left to the tensor

    __add__ = __radd__ = arithmetic.add
    __sub__ = arithmetic.sub
    __mul__ = __rmul__ = arithmetic.mul
    __truediv__ = arithmetic.div
    __pow__ = arithmetic.pow
    __neg__ = arithmetic.neg

    def __rsub__(self, other: Any) -> Any:
        return arithmetic.sub(other, self)

    def __rtruediv__(self, other: Any) -> Any:
        return arithmetic.div(other, self)

    def __rpow__(self, other: Any) -> Any:
        return arithmetic.pow(other, self)

    # Python protocols.

    def __repr__(self) -> str:
        return describe(self)

    def __len__(self) -> int:
        if self.array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return int(self.array.shape[0])

    def __iter__(self) -> Iterator[Any]:
        if self.array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __bool__(self) -> bool:
        if self.array.size != 1:
            raise RuntimeError(
                f"bool value of Tensor with {'no' if self.array.size == 0 else 'more than one'} values is ambiguous: "
                f"its shape is {tuple(self.array.shape)}; use any() or all()"
            )
        return bool(self.array.item())

    def _axis(self, dim: int) -> int:
        from_end = dim + self.array.ndim if dim < 0 else dim
        if not 0 <= from_end < self.array.ndim:
            n = max(self.array.ndim, 1)
            raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")
        return from_end
