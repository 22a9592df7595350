"""Error, gamma and Bessel functions, and renorm, as methods."""

from __future__ import annotations

from ..functions.linear.renorm import renorm
from ..functions.pointwise import special
from ..write import in_place


class SpecialMethods:
    """Error, gamma and Bessel functions."""

    erf = special.erf
    erfc = special.erfc
    erfinv = special.erfinv
    lgamma = special.lgamma
    digamma = special.digamma
    polygamma = special.polygamma_method
    mvlgamma = special.mvlgamma
    igamma = special.igamma
    igammac = special.igammac
    i0 = special.i0
    renorm = renorm

    erf_ = in_place(special.erf)
    erfc_ = in_place(special.erfc)
    erfinv_ = in_place(special.erfinv)
    lgamma_ = in_place(special.lgamma)
    digamma_ = in_place(special.digamma)
    polygamma_ = in_place(special.polygamma_method)
    mvlgamma_ = in_place(special.mvlgamma)
    igamma_ = in_place(special.igamma)
    igammac_ = in_place(special.igammac)
    i0_ = in_place(special.i0)
    renorm_ = in_place(renorm)
