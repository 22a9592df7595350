"""conv1d to conv3d and their transposes; linear and bilinear."""

from .case import case, raises


def conv(dims, x, w, b=None, **options):
    inputs = [x, w] if b is None else [x, w, b]
    name = f"conv{dims}d_" + "_".join(f"{k}{v}" for k, v in options.items())
    case(name, lambda L, x, w, b=None: getattr(L.nn.functional, f"conv{dims}d")(x, w, b, **options), *inputs, atol=1e-4)


def transpose(dims, x, w, b=None, **options):
    inputs = [x, w] if b is None else [x, w, b]
    name = f"conv_transpose{dims}d_" + "_".join(f"{k}{v}" for k, v in options.items())
    case(
        name,
        lambda L, x, w, b=None: getattr(L.nn.functional, f"conv_transpose{dims}d")(x, w, b, **options),
        *inputs,
        atol=1e-4,
    )


X, W = (2, 3, 5, 4), (2, 3, 3, 2)
for options in [
    {},
    {"stride": 2},
    {"stride": (1, 2), "padding": (1, 0)},
    {"padding": 2, "dilation": 2},
    {"padding": "same", "dilation": 2},
    {"padding": "valid"},
    {"stride": 3, "padding": 1, "dilation": (2, 1)},
]:
    conv(2, X, W, (2,), **options)
conv(2, X, W)
conv(2, X, (2, 3, 3, 1), (2,), padding="same")
conv(1, (2, 3, 6), (2, 3, 4), padding="same", dilation=2)
conv(2, X, (2, 3, 1, 1), (2,))  # a matrix product
conv(2, X, (2, 3, 1, 1), stride=2, padding=1)
conv(2, (2, 9, 3, 3), (2, 9, 2, 2), (2,))  # patches along the channels
conv(2, (2, 9, 4, 4), (2, 9, 2, 2), stride=2, padding=1)
conv(2, (3, 5, 4), W, (2,))  # no batch
conv(2, (0, 3, 5, 4), W, (2,))
conv(2, (2, 4, 3, 3), (6, 2, 2, 2), (6,), groups=2)
conv(2, (2, 4, 3, 3), (4, 1, 2, 2), groups=4, padding=1)
conv(2, (1, 18, 2, 2), (2, 9, 2, 2), groups=2, padding=1, stride=2)
conv(1, (2, 3, 7), (2, 3, 3), (2,))
conv(1, (2, 3, 7), (2, 3, 3), stride=2, padding=1, dilation=2)
conv(1, (3, 7), (2, 3, 3), padding="same")
conv(1, (2, 4, 5), (4, 2, 2), groups=2)
conv(3, (1, 2, 3, 4, 3), (2, 2, 2, 2, 2), (2,), padding=(1, 0, 1), stride=(2, 1, 1))

X, W = (2, 3, 3, 2), (3, 2, 3, 2)
for options in [
    {},
    {"stride": 2},
    {"stride": 2, "padding": 1, "output_padding": 1},
    {"stride": (1, 3), "padding": (2, 0), "output_padding": (0, 2)},
    {"dilation": 2, "padding": 1},
    {"stride": 2, "dilation": (3, 2), "output_padding": (2, 1)},
]:
    transpose(2, X, W, (2,), **options)
transpose(2, X, W)
transpose(2, (3, 3, 2), W, (2,))
transpose(2, (2, 3, 2, 2), (3, 9, 2, 2), (9,), stride=2)
transpose(2, (2, 4, 2, 2), (4, 3, 2, 2), (6,), groups=2, stride=2)
transpose(1, (2, 3, 4), (3, 2, 3), (2,), stride=2, padding=1, output_padding=1)
transpose(3, (1, 2, 2, 3, 2), (2, 2, 2, 2, 2), (2,), stride=2, padding=1)

raises("conv2d_channels", lambda L: L.nn.functional.conv2d(L.ones(1, 2, 4, 4), L.ones(1, 3, 2, 2)))
raises("conv2d_dims", lambda L: L.nn.functional.conv2d(L.ones(4, 4), L.ones(1, 3, 2, 2)))
raises("conv2d_weight_dims", lambda L: L.nn.functional.conv2d(L.ones(1, 3, 4, 4), L.ones(1, 3, 2)))
raises("conv2d_kernel_too_large", lambda L: L.nn.functional.conv2d(L.ones(1, 1, 2, 2), L.ones(1, 1, 3, 3)))
raises("conv2d_stride_0", lambda L: L.nn.functional.conv2d(L.ones(1, 1, 2, 2), L.ones(1, 1, 1, 1), stride=0))
raises("conv2d_negative_padding", lambda L: L.nn.functional.conv2d(L.ones(1, 1, 2, 2), L.ones(1, 1, 1, 1), padding=-1))
raises(
    "conv2d_same_strided",
    lambda L: L.nn.functional.conv2d(L.ones(1, 1, 4, 4), L.ones(1, 1, 2, 2), stride=2, padding="same"),
)
raises("conv2d_padding_text", lambda L: L.nn.functional.conv2d(L.ones(1, 1, 4, 4), L.ones(1, 1, 2, 2), padding="full"))
raises("conv2d_groups", lambda L: L.nn.functional.conv2d(L.ones(1, 4, 4, 4), L.ones(3, 2, 2, 2), groups=2))
raises("conv2d_bias", lambda L: L.nn.functional.conv2d(L.ones(1, 1, 4, 4), L.ones(2, 1, 2, 2), L.ones(3)))
raises("conv2d_dtypes", lambda L: L.nn.functional.conv2d(L.ones(1, 1, 4, 4), L.ones(2, 1, 2, 2).double()))
raises("conv_transpose2d_channels", lambda L: L.nn.functional.conv_transpose2d(L.ones(1, 2, 4, 4), L.ones(3, 1, 2, 2)))
raises(
    "conv_transpose2d_output_padding",
    lambda L: L.nn.functional.conv_transpose2d(L.ones(1, 1, 4, 4), L.ones(1, 1, 2, 2), output_padding=1),
)

for shape in [(4, 3), (3,), (2, 4, 3), (0, 3)]:
    case("linear", lambda L, x, w, b: L.nn.functional.linear(x, w, b), shape, (2, 3), (2,))
    case("linear_no_bias", lambda L, x, w: L.nn.functional.linear(x, w), shape, (2, 3))
case("bilinear", lambda L, a, b, w, c: L.nn.functional.bilinear(a, b, w, c), (4, 2), (4, 3), (5, 2, 3), (5,))
case("bilinear_deep", lambda L, a, b, w: L.nn.functional.bilinear(a, b, w), (2, 4, 2), (2, 4, 3), (3, 2, 3))
raises("linear_sizes", lambda L: L.nn.functional.linear(L.ones(2, 3), L.ones(2, 4)))
raises("linear_dtypes", lambda L: L.nn.functional.linear(L.ones(2, 3), L.ones(2, 3).double()))
