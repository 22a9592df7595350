"""What torch has for complex tensors, as far as it means something for real ones.

There are no complex dtypes here: complex numbers are pairs, a last dim of 2 with real and imaginary part.
"""

from __future__ import annotations

from typing import Any, NoReturn

from ....ops.spectral import Angle
from ...base import apply
from ...out import into
from ..pointwise.unary import check_tensor, to_float
from ..shaping.shape import transpose

INSTEAD = "there are no complex dtypes; complex numbers are pairs, a last dim of 2 with real and imaginary part"


def real(input: Any) -> Any:
    """The tensor itself, which is real."""
    check_tensor(input, "real")
    return input


def conj(input: Any) -> Any:
    """The tensor itself, which is real."""
    check_tensor(input, "conj")
    return input


def conj_physical(input: Any, *, out: Any = None) -> Any:
    """The tensor itself, which is real."""
    if out is not None:
        return into(out, conj_physical, input)
    check_tensor(input, "conj_physical")
    return input


def resolve_conj(input: Any) -> Any:
    """The tensor itself, for which no conjugation is pending."""
    check_tensor(input, "resolve_conj")
    return input


def resolve_neg(input: Any) -> Any:
    """The tensor itself, for which no negation is pending."""
    check_tensor(input, "resolve_neg")
    return input


def is_conj(input: Any) -> bool:
    """False: no conjugation is ever pending."""
    check_tensor(input, "is_conj")
    return False


def is_neg(input: Any) -> bool:
    """False: no negation is ever pending."""
    check_tensor(input, "is_neg")
    return False


def angle(input: Any, *, out: Any = None) -> Any:
    """The angle in the complex plane: pi for negative elements, 0 for others, nan for nan; its gradient is zero.

    >>> import sparkle
    >>> sparkle.angle(sparkle.tensor([2.0, -2.0]))
    tensor([0.0000, 3.1416])
    """
    if out is not None:
        return into(out, angle, input)
    check_tensor(input, "angle")
    return apply(Angle(), to_float(input))


def adjoint(input: Any) -> Any:
    """A view of a matrix, or of a stack of them, with the last two dims exchanged."""
    check_tensor(input, "adjoint")
    if not input.array.ndim:
        return input
    if input.array.ndim < 2:
        raise RuntimeError(
            f"adjoint: only supported on matrices or batches of matrices, got {input.array.ndim}-D tensor"
        )
    return transpose(input, -2, -1)


def imag(input: Any) -> NoReturn:
    """RuntimeError: real tensors have no imaginary part; of pairs it is `x[..., 1]`."""
    check_tensor(input, "imag")
    raise RuntimeError(f"imag: not implemented for real tensors: {INSTEAD}; their imaginary part is x[..., 1]")


def view_as_real(input: Any) -> NoReturn:
    """RuntimeError: the tensor is real; pairs are what torch's view_as_real returns."""
    check_tensor(input, "view_as_real")
    raise RuntimeError(f"view_as_real: only complex tensors are seen as real ones, and {INSTEAD} already")


def view_as_complex(input: Any) -> NoReturn:
    """NotImplementedError: pairs stay pairs."""
    check_tensor(input, "view_as_complex")
    raise NotImplementedError(f"view_as_complex: {INSTEAD}; use them as they are")


def complex(real: Any, imag: Any, *, out: Any = None) -> NoReturn:
    """NotImplementedError: `stack([real, imag], -1)` makes pairs."""
    raise NotImplementedError(f"complex: {INSTEAD}: stack([real, imag], -1)")


def polar(abs: Any, angle: Any, *, out: Any = None) -> NoReturn:
    """NotImplementedError: `stack([abs * cos(angle), abs * sin(angle)], -1)` makes pairs."""
    raise NotImplementedError(f"polar: {INSTEAD}: stack([abs * cos(angle), abs * sin(angle)], -1)")
