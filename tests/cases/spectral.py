"""Fourier transforms, with complex numbers as pairs; in torch the pairs are seen as complex and back."""

import numpy as np

from .case import case, raises

NORMS = (None, "backward", "forward", "ortho")


def transform(L, name, x, *args, **options):
    """L.fft.name of x; pairs in and out where the transform has complex numbers there."""
    function = getattr(L.fft, name)
    if not hasattr(L, "compile"):
        return function(x, *args, **options)
    takes_real = name.startswith(("rfft", "ihfft"))
    y = function(x if takes_real else L.view_as_complex(x.contiguous()), *args, **options)
    return L.view_as_real(y.resolve_conj()) if y.is_complex() else y


def one(name, shape, *args, dtypes=("float32", "float64"), **options):
    label = "_".join([name, *map(str, args), *[f"{k}={v}" for k, v in options.items()]])
    case(label, lambda L, x: transform(L, name, x, *args, **options), shape, dtypes=dtypes)


for name in ("rfft", "ihfft"):
    for norm in NORMS:
        one(name, (2, 5), norm=norm)
    for shape in [(1,), (2,), (6,), (5,), (2, 4)]:
        one(name, shape)
    for n in (1, 2, 3, 7, 8):
        one(name, (2, 5), n)
    one(name, (3, 2), 4, 0)
    one(name, (3, 2, 2), dim=-2)
for name in ("irfft", "hfft"):
    for norm in NORMS:
        one(name, (2, 3, 2), norm=norm)
        one(name, (3, 2), 5, norm=norm)
    for n in (1, 2, 3, 6, 9):
        one(name, (4, 2), n)
    one(name, (3, 2, 2), 4, 0)
    one(name, (3, 2, 2), dim=-2)
for name in ("fft", "ifft"):
    for norm in NORMS:
        one(name, (2, 3, 2), norm=norm)
    for n in (1, 2, 3, 6):
        one(name, (4, 2), n)
    one(name, (3, 2, 2), 4, 0)
    one(name, (1, 2))
for suffix in ("2", "n"):
    for norm in NORMS:
        one(f"rfft{suffix}", (2, 4), norm=norm)
        one(f"irfft{suffix}", (2, 3, 2), norm=norm)
        one(f"fft{suffix}", (2, 3, 2), norm=norm)
        one(f"ifft{suffix}", (2, 3, 2), norm=norm)
        one(f"hfft{suffix}", (2, 3, 2), norm=norm)
        one(f"ihfft{suffix}", (2, 4), norm=norm)
    for s in [(3, 2), (1, 5), (2, -1)]:
        one(f"rfft{suffix}", (2, 3), s)
        one(f"irfft{suffix}", (2, 3, 2), s)
        one(f"fft{suffix}", (2, 3, 2), s)
        one(f"ifft{suffix}", (2, 3, 2), s)
        one(f"hfft{suffix}", (2, 3, 2), s)
        one(f"ihfft{suffix}", (2, 3), s)
    one(f"rfft{suffix}", (2, 2, 3), dim=(0, 2))
    one(f"rfft{suffix}", (2, 2, 3), dim=(2, 0))
    one(f"irfft{suffix}", (2, 2, 3, 2), dim=(0, 2))
    one(f"irfft{suffix}", (3, 2, 2), (3, 5), (1, 0))
    one(f"fft{suffix}", (2, 2, 3, 2), dim=(0, 2))
    one(f"fft{suffix}", (2, 3, 2), (4,), (0,))
one("rfftn", (2, 3, 2))
one("rfftn", (2, 3, 2), (4,))
one("rfftn", (3, 2), dim=0)
one("irfftn", (2, 2, 3, 2))
one("irfftn", (2, 3, 2), 5)
one("fftn", (2, 2, 2, 2))
one("fftn", (2, 2), dim=())
one("fftn", (2,))

INTS = np.array([[3, 1, 4], [1, 5, 9]])
MASK = np.array([True, False, True, True])
case("rfft_int", lambda L, x: transform(L, "rfft", x), INTS)
case("rfft_bool", lambda L, x: transform(L, "rfft", x), MASK)
case("rfft_complex_gradient", lambda L, x: (transform(L, "rfft", x) ** 2).sum(-1), (5,))
case("rfft_then_irfft", lambda L, x: transform(L, "irfft", transform(L, "rfft", x * x), 5), (2, 5))

for n in (0, 1, 4, 5):
    case(
        f"fftfreq_{n}", lambda L, n=n: [L.fft.fftfreq(n), L.fft.fftfreq(n, 0.5), L.fft.fftfreq(n, d=2, dtype=L.float64)]
    )
    case(f"rfftfreq_{n}", lambda L, n=n: [L.fft.rfftfreq(n), L.fft.rfftfreq(n, 0.1, requires_grad=True)], atol=1e-6)
case(
    "fftfreq_out",
    lambda L: [
        L.fft.fftfreq(4, out=L.zeros(4, dtype=L.float64)),
        L.fft.rfftfreq(4, 0.5, out=L.zeros(3)),
    ],
)
case("rfftfreq_no_distance", lambda L: L.fft.rfftfreq(5, 0.0))
for name in ("fftshift", "ifftshift"):
    for dim in (None, 0, -1, (0, 1), (1, 1)):
        case(
            f"{name}_{dim}",
            lambda L, x, n=name, d=dim: getattr(L.fft, n)(x, d),
            (3, 4),
            dtypes=("float32", "float64", "int64", "bool"),
        )


def shifted_pairs(L, x, name, *dim):
    if L.__name__ == "sparkle":
        return getattr(L.fft, name)(x, *dim, pairs=True)
    return L.view_as_real(getattr(L.fft, name)(L.view_as_complex(x.contiguous()), *dim))


case("fftshift_pairs", lambda L, x: shifted_pairs(L, x, "fftshift"), (3, 4, 2))
case("ifftshift_pairs", lambda L, x: shifted_pairs(L, x, "ifftshift", -2), (3, 4, 2))

for name in ("rfft", "ihfft"):
    raises(f"{name}_n", lambda L, n=name: getattr(L.fft, n)(L.ones(3), 0))
    raises(f"{name}_n_float", lambda L, n=name: getattr(L.fft, n)(L.ones(3), 2.5))
    raises(f"{name}_dim", lambda L, n=name: getattr(L.fft, n)(L.ones(3), dim=1))
    raises(f"{name}_dims", lambda L, n=name: getattr(L.fft, n)(L.ones(3, 3), dim=(0, 1)))
    raises(f"{name}_norm", lambda L, n=name: getattr(L.fft, n)(L.ones(3), norm="none"))
    raises(f"{name}_half", lambda L, n=name: getattr(L.fft, n)(L.ones(3).half()))
    raises(f"{name}_empty", lambda L, n=name: getattr(L.fft, n)(L.ones(0)))
    raises(f"{name}_no_dims", lambda L, n=name: getattr(L.fft, n)(L.tensor(1.0)))
    raises(f"{name}_list", lambda L, n=name: getattr(L.fft, n)([1.0, 2.0]))
for name in ("irfft", "hfft", "fft", "ifft"):
    raises(f"{name}_n", lambda L, n=name: transform(L, n, L.ones(3, 2), -1))
    raises(f"{name}_norm", lambda L, n=name: transform(L, n, L.ones(3, 2), norm="none"))
    raises(f"{name}_dim", lambda L, n=name: transform(L, n, L.ones(3, 2), dim=1))
    raises(f"{name}_no_dims", lambda L, n=name: transform(L, n, L.ones(2)))
raises("irfft_one", lambda L: transform(L, "irfft", L.ones(1, 2)))
raises("rfftn_twice", lambda L: L.fft.rfftn(L.ones(3, 3), dim=(0, -2)))
raises("rfftn_none", lambda L: L.fft.rfftn(L.ones(3, 3), dim=()))
raises("rfftn_no_dims", lambda L: L.fft.rfftn(L.tensor(1.0)))
raises("irfftn_none", lambda L: transform(L, "irfftn", L.ones(3, 3, 2), dim=()))
raises("fftn_s", lambda L: transform(L, "fftn", L.ones(3, 3, 2), (1, 2, 3)))
raises("fftn_s_dim", lambda L: transform(L, "fftn", L.ones(3, 3, 2), (1, 2), (0,)))
raises("fftn_s_negative", lambda L: transform(L, "fftn", L.ones(3, 3, 2), (2, -2)))
raises("rfft2_vector", lambda L: L.fft.rfft2(L.ones(3)))
raises("fftfreq_negative", lambda L: L.fft.fftfreq(-1))
raises("fftfreq_int", lambda L: L.fft.fftfreq(4, dtype=L.int64))
raises("fftshift_dim", lambda L: L.fft.fftshift(L.ones(3), 1))
raises("fftshift_no_dims", lambda L: L.fft.fftshift(L.tensor(1.0)))
