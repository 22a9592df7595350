"""Rows of special functions, shifts of spectra, and what torch has for complex tensors."""

from .table import FLOATS, X, op, ops

POLYNOMIALS = (
    " ".join(f"special.{shifted}chebyshev_polynomial_{kind}" for shifted in ("", "shifted_") for kind in "tuvw")
    + " special.hermite_polynomial_h special.hermite_polynomial_he special.laguerre_polynomial_l"
    + " special.legendre_polynomial_p"
)

ops(
    "special.erf special.erfc special.erfcx special.exp2 special.expit special.expm1 special.i0 special.i0e special.i1 "
    "special.i1e special.ndtr special.log_ndtr special.sinc special.round",
    X(3, 4, high=3.0),
)
ops("special.digamma special.psi special.gammaln special.log1p special.entr", X(3, 4, low=0.3, high=6.0))
ops("special.erfinv special.logit special.ndtri", X(3, 4, low=0.1, high=0.9), rtol=1e-3)
op("special.ndtri", X(3, 4, low=0.1, high=0.9))
op("special.logit", X(3, 4, low=0.1, high=0.9), 0.2)
op("special.polygamma", 1, X(3, 4, low=0.4, high=6.0), rtol=1e-3)
op("special.multigammaln", X(3, 4, low=2.0, high=6.0), 3, rtol=1e-3)
ops("special.gammainc special.gammaincc", X(3, 4, low=0.3, high=6.0), X(4, low=0.3, high=6.0), grad=False, rtol=1e-3)
op("special.zeta", X(3, 4, low=1.5, high=6.0), X(4, low=0.5, high=6.0), grad=False, rtol=1e-3)
ops("special.xlogy special.xlog1py", X(3, 4), X(4, low=0.3, high=3.0))
op("special.xlog1py", X(3, 4, low=0.3), 2)
op("special.xlogy", 1.5, X(3, 4, low=0.3))
ops("special.softmax special.log_softmax", X(3, 4), 1)
op("special.logsumexp", X(3, 4), (0, 1))
ops(
    "special.airy_ai special.bessel_j0 special.bessel_j1 special.bessel_y0 special.bessel_y1 "
    "special.modified_bessel_i0 special.modified_bessel_i1 special.modified_bessel_k0 special.modified_bessel_k1 "
    "special.scaled_modified_bessel_k0 special.scaled_modified_bessel_k1 special.spherical_bessel_j0",
    X(3, 4, low=0.2, high=6.0),
    grad=False,
    rtol=1e-5,
    atol=1e-6,
)
ops(POLYNOMIALS, X(3, 4), 3, grad=False)
ops(POLYNOMIALS, X(3, 4), X(4, low=0.0, high=5.0), grad=False, rtol=1e-3, atol=1e-3)
ops(POLYNOMIALS, 0.4, X(4, low=0.0, high=5.0), grad=False)

ops("fft.fftshift fft.ifftshift", X(3, 4))
ops("fft.fftshift fft.ifftshift", X(3, 4), 1)
ops("angle real conj conj_physical resolve_conj resolve_neg is_conj is_neg", X(3, 4))
op("adjoint", X(2, 3, 4))
op("renorm", X(3, 4), 2, 0, 1.0, dtypes=("int64", "float16", *FLOATS))
op("gradient", X(3, 4))
op("gradient", X(3, 4), spacing=2.0, dim=1, edge_order=2)
