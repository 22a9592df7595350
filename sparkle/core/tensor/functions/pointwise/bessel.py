"""Bessel functions, Airy's function and orthogonal polynomials; `sparkle.special` has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....ops.special import bessel as bessel
from ....ops.special import polynomials as families
from ...base import TensorBase, wrap
from ...operands import binary
from ...out import into
from .special import i0, i1
from .unary import check_tensor, of_floats, to_float

airy_ai = of_floats(bessel.AiryAi, "airy_ai")
bessel_j0 = of_floats(bessel.BesselJ0, "bessel_j0")
bessel_j1 = of_floats(bessel.BesselJ1, "bessel_j1")
bessel_y0 = of_floats(bessel.BesselY0, "bessel_y0")
bessel_y1 = of_floats(bessel.BesselY1, "bessel_y1")
modified_bessel_i0, modified_bessel_i1 = i0, i1
modified_bessel_k0 = of_floats(bessel.BesselK0, "modified_bessel_k0")
modified_bessel_k1 = of_floats(bessel.BesselK1, "modified_bessel_k1")
scaled_modified_bessel_k0 = of_floats(bessel.BesselK0e, "scaled_modified_bessel_k0")
scaled_modified_bessel_k1 = of_floats(bessel.BesselK1e, "scaled_modified_bessel_k1")
spherical_bessel_j0 = of_floats(bessel.SphericalBesselJ0, "spherical_bessel_j0")


def _polynomial(op: type[families.Polynomial], name: str) -> Callable[[Any, Any], Any]:
    """The function of numbers and degrees that runs op on them; one of the two may be a number."""

    def function(input: Any, n: Any, *, out: Any = None) -> Any:
        if out is not None:
            return into(out, function, input, n)
        if not isinstance(n, TensorBase):
            check_tensor(input, name)
        x, degree = (to_float(a) if isinstance(a, TensorBase) else float(a) for a in (input, n))
        return binary(op(), x, wrap(degree.array) if isinstance(degree, TensorBase) else degree)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"{op.__doc__}, of degree n at input, elementwise with broadcasting.\n\n"
        "n is cut to an integer; the result is 0 where it is negative. TypeError unless one of the two is a tensor."
    )
    return function


chebyshev_polynomial_t = _polynomial(families.ChebyshevT, "chebyshev_polynomial_t")
chebyshev_polynomial_u = _polynomial(families.ChebyshevU, "chebyshev_polynomial_u")
chebyshev_polynomial_v = _polynomial(families.ChebyshevV, "chebyshev_polynomial_v")
chebyshev_polynomial_w = _polynomial(families.ChebyshevW, "chebyshev_polynomial_w")
shifted_chebyshev_polynomial_t = _polynomial(families.ShiftedChebyshevT, "shifted_chebyshev_polynomial_t")
shifted_chebyshev_polynomial_u = _polynomial(families.ShiftedChebyshevU, "shifted_chebyshev_polynomial_u")
shifted_chebyshev_polynomial_v = _polynomial(families.ShiftedChebyshevV, "shifted_chebyshev_polynomial_v")
shifted_chebyshev_polynomial_w = _polynomial(families.ShiftedChebyshevW, "shifted_chebyshev_polynomial_w")
hermite_polynomial_h = _polynomial(families.HermiteH, "hermite_polynomial_h")
hermite_polynomial_he = _polynomial(families.HermiteHe, "hermite_polynomial_he")
laguerre_polynomial_l = _polynomial(families.LaguerreL, "laguerre_polynomial_l")
legendre_polynomial_p = _polynomial(families.LegendreP, "legendre_polynomial_p")
