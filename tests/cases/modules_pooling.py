"""Rows of pooling layers."""

from .module import X, args, layers, of

SEQUENCE, IMAGE, VOLUME = [X(2, 3, 9)], [X(2, 3, 7, 6)], [X(2, 2, 4, 5, 4)]
MAX = (
    args(2),
    args(3, 2, 1),
    args(2, 1),
    args(3, 2, padding=1, ceil_mode=True),
    args(2, stride=1, dilation=2),
    args(kernel_size=2, return_indices=True),
    args(3, 2, 1, 1, True, True),
)
AVERAGE = (
    args(2),
    args(3, 2, 1),
    args(3, 2, 1, True),
    args(3, 2, 1, count_include_pad=False),
    args(3, 2, 1, ceil_mode=True, count_include_pad=False),
    args(2, stride=1),
)
for dims, inputs in enumerate((SEQUENCE, IMAGE, VOLUME), start=1):
    layers(f"MaxPool{dims}d", inputs, *MAX)
    layers(f"AvgPool{dims}d", inputs, *AVERAGE)
    layers(f"AdaptiveAvgPool{dims}d", inputs, args(1), args(3), args(4))
    layers(f"AdaptiveMaxPool{dims}d", inputs, args(1), args(3), args(2, return_indices=True))
    layers(
        f"LPPool{dims}d", [X(*inputs[0].shape, low=0.5)], args(2, 2), args(3, 3, stride=2), args(1.0, 2, ceil_mode=True)
    )
layers("MaxPool1d", SEQUENCE, args((2,), (3,), (1,)), args([2]))
layers("MaxPool2d", IMAGE, args((3, 2), (2, 1), (1, 0), (1, 2), ceil_mode=True), args([2, 3]))
layers("MaxPool3d", VOLUME, args((1, 2, 3), (2, 1, 1), (0, 1, 1), (1, 2, 1), return_indices=True))
layers("AvgPool1d", SEQUENCE, args((2,), (3,), (1,)))
layers(
    "AvgPool2d", IMAGE, args((2, 3), 1, (1, 0), count_include_pad=False), args(2, ceil_mode=True, divisor_override=3)
)
layers("AvgPool3d", VOLUME, args((1, 2, 3), (2, 1, 1), (0, 1, 1)), args(2, divisor_override=5))
layers("AdaptiveAvgPool2d", IMAGE, args((2, None)), args((None, 3)), args((3, 2)), args([4, 4]), args(9))
layers("AdaptiveMaxPool2d", IMAGE, args((2, None)), args((3, 2), True), args([4, 4]))
layers("AdaptiveAvgPool3d", VOLUME, args((2, None, 3)), args((1, 2, 3)))
layers("AdaptiveMaxPool3d", VOLUME, args((2, None, 3)), args((1, 2, 3), True))
layers("LPPool2d", [X(2, 3, 7, 6, low=0.5)], args(2, (2, 3), stride=(1, 2)))

for dims, shape in ((1, (2, 3, 8)), (2, (2, 3, 6, 4)), (3, (2, 2, 4, 4, 2))):
    pooled = [of(lambda L, x, d=dims: list(getattr(L.nn, f"MaxPool{d}d")(2, return_indices=True)(x)), X(*shape))]
    layers(f"MaxUnpool{dims}d", pooled, args(2), args(2, stride=2, padding=0), args((2,) * dims))
    layers(f"MaxUnpool{dims}d", pooled, args(2), call={"output_size": [n + (i > 1) for i, n in enumerate(shape)]})

for dims, inputs in ((2, [X(2, 3, 7, 6)]), (3, [X(2, 2, 5, 6, 5)])):
    name, channels = f"FractionalMaxPool{dims}d", inputs[0].shape[1]
    samples = X(2, channels, dims, low=0, high=1)
    for keywords in ({"output_size": 3}, {"output_ratio": 0.5}, {"output_size": (2,) * dims, "return_indices": True}):
        layers(
            name,
            inputs,
            args(2, **keywords, _random_samples=samples),
            args((2,) * dims, **keywords, _random_samples=samples),
        )
        layers(name, inputs, args(2, **keywords), draws=True)
    layers(name, inputs, args(2, output_ratio=(0.5, 0.7, 0.6)[:dims], _random_samples=samples))
