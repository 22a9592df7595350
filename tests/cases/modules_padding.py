"""Rows of padding layers, and of those that rearrange or resize images."""

from .module import X, args, layers

SHAPES = {1: X(2, 3, 5), 2: X(2, 3, 5, 4), 3: X(2, 2, 4, 5, 4)}
UNEVEN = {1: (1, 2), 2: (1, 2, 0, 3), 3: (1, 2, 0, 3, 2, 1)}
CROPPED = {1: (-1, 2), 2: (1, -1, -2, 0), 3: (0, -1, 1, -2, 0, 1)}
for dims, x in SHAPES.items():
    for kind in ("Zero", "Reflection", "Replication", "Circular"):
        layers(
            f"{kind}Pad{dims}d", [x], args(1), args(2), args(UNEVEN[dims]), args(padding=list(UNEVEN[dims])), args(0)
        )
    layers(f"ZeroPad{dims}d", [x], args(CROPPED[dims]))
    layers(f"ReplicationPad{dims}d", [x], args(CROPPED[dims]))
    layers(f"ConstantPad{dims}d", [x], args(1, 3.5), args(UNEVEN[dims], -1), args(CROPPED[dims], value=0.5))

IMAGE = [X(2, 4, 4, 6)]
empty = {"differs": {"empty": "torch leaves the channels of no images as they are, and its gradient then fails"}}
layers("PixelShuffle", IMAGE, args(2), **empty)
layers("PixelUnshuffle", IMAGE, args(2), **empty)
layers("PixelShuffle", IMAGE, args(1))
layers("PixelUnshuffle", IMAGE, args(downscale_factor=1))
layers("ChannelShuffle", IMAGE, args(2), args(groups=4), args(1))
layers("ChannelShuffle", [X(2, 6, 3)], args(3))

for mode, x in (
    ("linear", X(2, 3, 5)),
    ("bilinear", X(2, 3, 4, 5)),
    ("bicubic", X(2, 3, 4, 5)),
    ("trilinear", X(1, 2, 3, 4, 3)),
):
    for aligned in (None, False, True):
        layers(
            "Upsample",
            [x],
            args(6, mode=mode, align_corners=aligned),
            args(scale_factor=2, mode=mode, align_corners=aligned),
        )
    layers(
        "Upsample", [x], args(None, 1.7, mode), args(None, 1.7, mode, recompute_scale_factor=True), args(2, mode=mode)
    )
for x in (X(2, 3, 5), X(2, 3, 4, 5), X(1, 2, 3, 4, 3)):
    sizes = tuple(range(2, len(x.shape)))
    for mode in ("nearest", "nearest-exact"):
        layers("Upsample", [x], args(3, mode=mode), args(scale_factor=2.5, mode=mode), args(size=sizes, mode=mode))
    layers(
        "Upsample", [x], args(scale_factor=tuple(0.5 + n for n in sizes)), args(None, 1.3, recompute_scale_factor=True)
    )
layers("UpsamplingNearest2d", IMAGE, args(5), args((3, 9)), args(scale_factor=2), args(scale_factor=(1.5, 2)))
layers("UpsamplingBilinear2d", IMAGE, args(5), args((3, 9)), args(scale_factor=2), args(None, (1.5, 2)))
