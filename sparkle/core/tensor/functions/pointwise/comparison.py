"""Comparisons, tests of elements, and logical and bitwise operations: nothing here has a gradient, so no op is made."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy

from .... import dtypes
from ....backend import library
from ....dtypes import FLOATS
from ....mode import mode
from ....ops.pointwise.arithmetic import mismatch
from ...base import TensorBase, dtype_of, wrap
from ...operands import plain, promoted, result_type
from ...out import into
from .unary import check_tensor, not_a_tensor, not_for


def _comparison(compare: Callable[[Any, Any], Any], name: str, doc: str) -> Callable[[Any, Any], Any]:
    """The function that compares two tensors, or a tensor and a number, after promotion."""

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        if out is not None:
            return into(out, function, input, other)
        try:
            a = input.array
        except AttributeError:
            raise not_a_tensor(name, "input", input) from None
        kind = type(other)
        if (kind is float or kind is int) and a.dtype.kind == "f":
            b = other
        elif isinstance(other, TensorBase) and other.array.dtype is a.dtype:
            b = other.array
        else:
            a, b = arrays_of(input, other)
        try:
            return wrap(mode.quiet(compare, a, b))
        except ValueError as error:
            raise mismatch(name, a, b) or error from None

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{doc}, elementwise, with broadcasting: a bool tensor."
    return function


def arrays_of(a: Any, b: Any) -> tuple[Any, Any]:
    """The arrays of both operands in their common type; numbers stay numbers."""
    x, y = promoted(a, b)
    return _operand(x, y), _operand(y, x)


def _operand(x: Any, other: Any) -> Any:
    """An array, or a number, which in the company of bfloat16 is rounded to it: for NumPy it would be a float32."""
    if isinstance(x, TensorBase):
        return x.array
    return other.array.dtype.type(x) if other.array.dtype.kind == "V" else x


eq = _comparison(operator.eq, "eq", "input == other")
ne = not_equal = _comparison(operator.ne, "ne", "input != other")
lt = less = _comparison(operator.lt, "lt", "input < other")
le = less_equal = _comparison(operator.le, "le", "input <= other")
gt = greater = _comparison(operator.gt, "gt", "input > other")
ge = greater_equal = _comparison(operator.ge, "ge", "input >= other")


def _test(name: str, doc: str) -> Callable[[Any], Any]:
    """The array library's test of that name on each element."""

    def function(input: Any, *, out: Any = None) -> Any:
        if out is not None:
            return into(out, function, input)
        check_tensor(input, name)
        a = input.array
        return wrap(getattr(library(a), name)(a))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


isnan = _test("isnan", "Which elements are nan?")
isinf = _test("isinf", "Which elements are infinite?")
isfinite = _test("isfinite", "Which elements are neither nan nor infinite?")
logical_not = _test("logical_not", "Which elements are zero or False?")


def isposinf(input: Any, *, out: Any = None) -> Any:
    """Which elements are +inf?"""
    if out is not None:
        return into(out, isposinf, input)
    check_tensor(input, "isposinf")
    return wrap(input.array == numpy.inf)


def isneginf(input: Any, *, out: Any = None) -> Any:
    """Which elements are -inf?"""
    if out is not None:
        return into(out, isneginf, input)
    check_tensor(input, "isneginf")
    return wrap(input.array == -numpy.inf)


def isreal(input: Any) -> Any:
    """Which elements have no imaginary part? All: tensors are real."""
    check_tensor(input, "isreal")
    return wrap(library(input.array).ones(input.array.shape, dtype=bool))


def signbit(input: Any, *, out: Any = None) -> Any:
    """Which elements have their sign bit set? -0.0 has."""
    if out is not None:
        return into(out, signbit, input)
    check_tensor(input, "signbit")
    a = input.array
    return wrap(library(a).signbit(a) if a.dtype.kind in FLOATS else a < 0)


def _logical(name: str, doc: str) -> Callable[[Any, Any], Any]:
    """The array library's logical function of two tensors; numbers count as True unless zero."""

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        if out is not None:
            return into(out, function, input, other)
        check_tensor(input, name)
        check_tensor(other, name, "other")
        a, b = input.array, other.array
        try:
            return wrap(getattr(library(a), name)(a, b))
        except ValueError as error:
            raise mismatch(name, a, b) or error from None

    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


logical_and = _logical("logical_and", "Where are both not zero?")
logical_or = _logical("logical_or", "Where is one or the other not zero?")
logical_xor = _logical("logical_xor", "Where is exactly one of them not zero?")


def _bitwise(combine: Callable[[Any, Any], Any], name: str, kinds: str, doc: str) -> Callable[[Any, Any], Any]:
    """The function that combines the bits of two tensors, or of a tensor and a number, of the given kinds."""

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        if out is not None:
            return into(out, function, input, other)
        if not isinstance(input, TensorBase):
            check_tensor(other, name, "other")
        a, b = arrays_of(input, other)
        kind = (a if isinstance(input, TensorBase) else b).dtype.kind
        if kind not in kinds:
            raise NotImplementedError(f'{name}: "{name}" not implemented for {result_type(input, plain(other))}')
        try:
            return wrap(combine(a, b))
        except ValueError as error:
            raise mismatch(name, a, b) or error from None

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{doc}, elementwise, for {'bool and ' if 'b' in kinds else ''}integers."
    return function


bitwise_and = _bitwise(operator.and_, "bitwise_and", "biu", "The bits that both have")
bitwise_or = _bitwise(operator.or_, "bitwise_or", "biu", "The bits that either has")
bitwise_xor = _bitwise(operator.xor, "bitwise_xor", "biu", "The bits that exactly one of them has")
bitwise_left_shift = _bitwise(operator.lshift, "bitwise_left_shift", "iu", "input shifted left by other bits")
bitwise_right_shift = _bitwise(operator.rshift, "bitwise_right_shift", "iu", "input shifted right by other bits")


def bitwise_not(input: Any, *, out: Any = None) -> Any:
    """All bits turned over, for bool and integers."""
    if out is not None:
        return into(out, bitwise_not, input)
    check_tensor(input, "bitwise_not")
    if input.array.dtype.kind in FLOATS:
        raise not_for("bitwise_not", input)
    return wrap(~input.array)


def isclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    """Where is |input - other| <= atol + rtol |other|? Infinities are close to themselves, nan only with equal_nan.

    Raises RuntimeError where the types differ, ValueError for negative tolerances.
    """
    check_tensor(input, "isclose")
    check_tensor(other, "isclose", "other")
    a, b = input.array, other.array
    if a.dtype != b.dtype:
        raise RuntimeError(f"isclose: {dtype_of(input)} did not match {dtype_of(other)}")
    if rtol < 0 or atol < 0:
        raise RuntimeError(f"isclose: rtol and atol must be greater than or equal to zero, but got {rtol} and {atol}")
    try:
        return wrap(mode.quiet(_close, library(a), a, b, rtol, atol, equal_nan))
    except ValueError as error:
        raise mismatch("isclose", a, b) or error from None


def _close(xp: Any, a: Any, b: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    if a.dtype.kind not in FLOATS:
        a, b = a.astype(float), b.astype(float)
    distance = abs(a - b)
    close = (a == b) | (xp.isfinite(distance) & (distance <= atol + rtol * abs(b)))
    return close | (xp.isnan(a) & xp.isnan(b)) if equal_nan else close


def allclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Are all elements close, in the sense of `isclose`?

    >>> import sparkle
    >>> sparkle.allclose(sparkle.tensor([1.0]), sparkle.tensor([1.0 + 1e-7]))
    True
    """
    return bool(isclose(input, other, rtol, atol, equal_nan).array.all())


def equal(input: Any, other: Any) -> bool:
    """Have both the same shape and the same elements?"""
    check_tensor(input, "equal")
    check_tensor(other, "equal", "other")
    if input.array.shape != other.array.shape:
        return False
    a, b = arrays_of(input, other)
    return bool((a == b).all())


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False, out: Any = None
) -> Any:
    """Which elements are among the test elements? One of the two may be a number.

    >>> import sparkle
    >>> sparkle.isin(sparkle.tensor([1, 2, 3]), sparkle.tensor([2, 4])).tolist()
    [False, True, False]
    """
    if out is not None:
        return into(out, isin, elements, test_elements, assume_unique=assume_unique, invert=invert)
    a, b = (x.array if isinstance(x, TensorBase) else x for x in (elements, test_elements))
    if not isinstance(elements, TensorBase) and not isinstance(test_elements, TensorBase):
        raise not_a_tensor("isin", "elements", elements)
    for x in (elements, test_elements):
        if isinstance(x, bool) or (isinstance(x, TensorBase) and x.array.dtype.kind == "b"):
            raise RuntimeError("isin: unsupported input type encountered: bool")
    xp = library(a) if isinstance(elements, TensorBase) else library(b)
    return wrap(xp.isin(a, b, assume_unique=assume_unique, invert=invert))


def is_nonzero(input: Any) -> bool:
    """Is the one element not zero? RuntimeError for more or fewer than one."""
    check_tensor(input, "is_nonzero")
    return bool(input)


def is_floating_point(input: Any) -> bool:
    """Are the elements of a floating point type?"""
    check_tensor(input, "is_floating_point")
    return dtype_of(input).is_floating_point


def is_signed(input: Any) -> bool:
    """Are the elements of a type with a sign?"""
    check_tensor(input, "is_signed")
    return dtype_of(input).is_signed


def is_complex(input: Any) -> bool:
    """Are the elements complex? Never: tensors are real."""
    check_tensor(input, "is_complex")
    return dtypes.dtype.is_complex
