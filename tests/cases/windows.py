"""Window functions."""

from .case import case, raises

TOP = ("bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window")
NAMES = (
    "bartlett",
    "blackman",
    "cosine",
    "exponential",
    "gaussian",
    "general_hamming",
    "hamming",
    "hann",
    "kaiser",
    "nuttall",
)
CLOSE = {"rtol": 1e-5, "atol": 2e-6}


def every_type(L, function, *args, **options):
    return [
        function(*args, **options),
        function(*args, dtype=L.float32, requires_grad=True, **options),
        function(*args, dtype=L.float64, device="cpu", **options),
    ]


for name in TOP:
    for n in (0, 1, 2, 3, 8):
        for periodic in (True, False):
            case(
                f"{name}_{n}_{periodic}", lambda L, f=name, n=n, p=periodic: every_type(L, getattr(L, f), n, p), **CLOSE
            )
    case(f"{name}_half", lambda L, f=name: getattr(L, f)(5, dtype=L.float16), atol=1e-3)
    raises(f"{name}_negative", lambda L, f=name: getattr(L, f)(-1))
    raises(f"{name}_float", lambda L, f=name: getattr(L, f)(2.5))
    raises(f"{name}_int", lambda L, f=name: getattr(L, f)(3, dtype=L.int64))
case(
    "hamming_window_options", lambda L: [L.hamming_window(5, False, 0.6), L.hamming_window(5, True, 0.6, 0.3)], **CLOSE
)
case(
    "kaiser_window_options",
    lambda L: [L.kaiser_window(5, False, 3.0), L.kaiser_window(6, periodic=True, beta=0.5)],
    **CLOSE,
)

for name in NAMES:
    for n in (0, 1, 2, 3, 8):
        for sym in (True, False):
            case(
                f"signal.{name}_{n}_{sym}",
                lambda L, f=name, n=n, s=sym: every_type(L, getattr(L.signal.windows, f), n, sym=s),
                **CLOSE,
            )
    raises(f"signal.{name}_negative", lambda L, f=name: getattr(L.signal.windows, f)(-1))
    raises(f"signal.{name}_int", lambda L, f=name: getattr(L.signal.windows, f)(3, dtype=L.int64))
    raises(f"signal.{name}_half", lambda L, f=name: getattr(L.signal.windows, f)(3, dtype=L.float16))
    raises(f"signal.{name}_float", lambda L, f=name: getattr(L.signal.windows, f)(2.5))
case(
    "signal.windows_options",
    lambda L: [
        L.signal.windows.exponential(6, tau=2.5),
        L.signal.windows.exponential(6, center=1, sym=False),
        L.signal.windows.gaussian(7, std=0.4),
        L.signal.windows.general_cosine(7, a=[0.4, 0.3, 0.2, 0.1]),
        L.signal.windows.general_cosine(7, a=(0.4,), sym=False),
        L.signal.windows.general_hamming(7, alpha=0.7),
        L.signal.windows.kaiser(7, beta=0.0),
        L.signal.windows.kaiser(7, beta=14),
    ],
    **CLOSE,
)
raises("signal.general_cosine_empty", lambda L: L.signal.windows.general_cosine(4, a=[]))
raises("signal.general_cosine_number", lambda L: L.signal.windows.general_cosine(4, a=3))
raises("signal.exponential_tau", lambda L: L.signal.windows.exponential(4, tau=0))
raises("signal.exponential_center", lambda L: L.signal.windows.exponential(4, center=1))
raises("signal.gaussian_std", lambda L: L.signal.windows.gaussian(4, std=0))
raises("signal.kaiser_beta", lambda L: L.signal.windows.kaiser(4, beta=-1))
