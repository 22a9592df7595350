"""Resizing, rearranging and sampling of images."""

import numpy as np

from .case import case, raises


def F(L, name):
    return getattr(L.nn.functional, name)


case("pixel_shuffle", lambda L, x: L.pixel_shuffle(x, 2), (2, 8, 2, 3), dtypes=("float32", "float64", "int64"))
case("pixel_shuffle_3", lambda L, x: F(L, "pixel_shuffle")(x, 3), (9, 1, 2))
case("pixel_shuffle_5d", lambda L, x: L.pixel_shuffle(x, upscale_factor=2), (2, 1, 4, 2, 1))
case("pixel_unshuffle", lambda L, x: L.pixel_unshuffle(x, 2), (2, 2, 4, 6))
case("pixel_unshuffle_3", lambda L, x: F(L, "pixel_unshuffle")(x, downscale_factor=3), (1, 3, 6))
case("channel_shuffle", lambda L, x: L.channel_shuffle(x, 2), (2, 6, 2, 3))
case("channel_shuffle_3d", lambda L, x: F(L, "channel_shuffle")(x, 3), (1, 6, 2))

for name, wrong in (("pixel_shuffle", (1, 3, 2, 2)), ("pixel_unshuffle", (1, 1, 3, 2)), ("channel_shuffle", (1, 3, 2))):
    raises(f"{name}_divisible", lambda L, name=name, wrong=wrong: getattr(L, name)(L.ones(wrong), 2))
    raises(f"{name}_dims", lambda L, name=name: getattr(L, name)(L.ones(4, 4), 2))
    raises(f"{name}_factor", lambda L, name=name: getattr(L, name)(L.ones(1, 4, 4, 4), 0))
    raises(f"{name}_fraction", lambda L, name=name: getattr(L, name)(L.ones(1, 4, 4, 4), 2.0))

SIZES = [{"size": 7}, {"size": 3}, {"scale_factor": 2}, {"scale_factor": 1.7}, {"scale_factor": 0.6}, {"size": 1}]
RECOMPUTED = {"scale_factor": 1.7, "recompute_scale_factor": True}
MODES = {(2, 2, 5): ["linear"], (1, 2, 4, 5): ["bilinear", "bicubic"], (1, 1, 3, 4, 4): ["trilinear"]}


def resized(mode, **options):
    return lambda L, x: F(L, "interpolate")(x, mode=mode, **options)


def text(options):
    return "_".join(f"{k}{v}" for k, v in options.items())


for shape, smooth in MODES.items():
    light = {"gradgrad": len(shape) < 5}
    for o in [*SIZES, RECOMPUTED]:
        for mode in ("nearest", "nearest-exact", "area"):
            case(f"interpolate_{mode}_{text(o)}", resized(mode, **o), shape, **light)
        for mode in smooth:
            for corners in (False, True):
                case(
                    f"interpolate_{mode}_{corners}_{text(o)}", resized(mode, align_corners=corners, **o), shape, **light
                )
for mode in ("bilinear", "bicubic"):
    for o in ({"size": (3, 2)}, {"size": (7, 3)}, {"scale_factor": 0.4}, {"scale_factor": 1.5}):
        for corners in (False, True):
            case(
                f"interpolate_{mode}_antialias_{corners}_{text(o)}",
                resized(mode, antialias=True, align_corners=corners, **o),
                (1, 2, 6, 7),
                gradgrad=False,
            )
case("interpolate_same", resized("nearest", size=(4, 5)), (1, 2, 4, 5))
case("interpolate_same_linear", resized("bilinear", size=(4, 5)), (1, 2, 4, 5))
case("interpolate_sizes", resized("bilinear", size=[2, 9]), (1, 2, 4, 5))
case("interpolate_factors", resized("nearest", scale_factor=(2.0, 0.5)), (1, 2, 4, 5))
case("interpolate_large", resized("nearest", size=(93, 51)), (1, 1, 37, 100), grad=False)
case("interpolate_batch_0", resized("nearest", size=2), (0, 2, 4, 5))
case("interpolate_uint8", resized("nearest", size=3), (1, 2, 5), dtypes=("uint8",), low=0, high=200)
case("interpolate_half", resized("bilinear", size=3), (1, 2, 5, 5), dtypes=("float16",), grad=False, rtol=2e-3)

MISUSE = {
    "nothing": {},
    "both": {"size": 2, "scale_factor": 2},
    "corners": {"size": 2, "align_corners": True},
    "dims": {"size": 2, "mode": "linear"},
    "dims_3": {"size": 2, "mode": "trilinear"},
    "mode": {"size": 2, "mode": "other"},
    "entries": {"size": (2, 2, 2)},
    "factors": {"scale_factor": (2.0,)},
    "fraction": {"size": (2.5, 2)},
    "recompute": {"size": 2, "recompute_scale_factor": True},
    "antialias": {"size": 2, "antialias": True},
    "zero": {"size": 0},
}
for name, o in MISUSE.items():
    raises(f"interpolate_{name}", lambda L, o=o: F(L, "interpolate")(L.ones(1, 1, 4, 4), **o))
raises("interpolate_2d", lambda L: F(L, "interpolate")(L.ones(4, 4), 2))
raises("interpolate_int", lambda L: F(L, "interpolate")(L.ones(1, 1, 4, 4).int(), 2))

FOLDS = [
    {"kernel_size": 2},
    {"kernel_size": (2, 3), "stride": 2},
    {"kernel_size": 3, "padding": (1, 0), "dilation": (1, 2)},
    {"kernel_size": 2, "dilation": 2, "padding": 1, "stride": (2, 1)},
]
for o in FOLDS:
    for shape in ((2, 2, 4, 5), (2, 4, 5)):
        case(f"unfold_{text(o)}", lambda L, x, o=o: F(L, "unfold")(x, **o), shape)
        case(
            f"fold_{text(o)}",
            lambda L, x, o=o: F(L, "fold")(F(L, "unfold")(x, **o) ** 2, (4, 5), **o),
            shape,
        )
case("fold_plain", lambda L, x: F(L, "fold")(x, 3, 2), (2, 8, 4))
case("unfold_batch_0", lambda L, x: F(L, "unfold")(x, 2), (0, 1, 3, 3))
raises("unfold_dims", lambda L: F(L, "unfold")(L.ones(1, 1, 1, 4, 4), 2))
raises("unfold_large", lambda L: F(L, "unfold")(L.ones(1, 1, 4, 4), 5))
raises("unfold_stride", lambda L: F(L, "unfold")(L.ones(1, 1, 4, 4), 2, stride=0))
raises("unfold_padding", lambda L: F(L, "unfold")(L.ones(1, 1, 4, 4), 2, padding=-1))
raises("fold_area", lambda L: F(L, "fold")(L.ones(1, 5, 4), 3, 2))
raises("fold_windows", lambda L: F(L, "fold")(L.ones(1, 4, 5), 3, 2))
raises("fold_dims", lambda L: F(L, "fold")(L.ones(4), 3, 2))

IMAGE, VOLUME = ((2, 2, 3, 4), (2, 2, 3, 2)), ((1, 2, 3, 2, 3), (1, 2, 2, 1, 3))
for images, grid in (IMAGE, VOLUME):
    for mode in ("bilinear", "nearest", *(["bicubic"] if len(images) == 4 else [])):
        for padding in ("zeros", "border", "reflection"):
            for corners in (False, True):
                case(
                    f"grid_sample_{mode}_{padding}_{corners}",
                    lambda L, x, g, m=mode, p=padding, c=corners: F(L, "grid_sample")(x, g, m, p, c),
                    images,
                    grid,
                    gradgrad=len(images) == 4 and padding == "border",
                    rtol=None if len(images) == 4 else 2e-3,  # float32 places far outside lose digits
                )
STRAY = np.array([[[[-1, -1], [1, 1], [0, 0], [-9, 4], [np.nan, 0.3], [1, -1]]]], dtype="float64")
for padding in ("zeros", "border", "reflection"):
    for mode in ("bilinear", "nearest"):
        case(
            f"grid_sample_corners_{mode}_{padding}",
            lambda L, x, g, m=mode, p=padding: F(L, "grid_sample")(x, g, m, p, True),
            (1, 2, 3, 4),
            STRAY[:, :, :4],
            dtypes=("float64",),
        )
case(
    "grid_sample_nan",
    lambda L, x, g: F(L, "grid_sample")(x, g, padding_mode="border", align_corners=True),
    (1, 2, 3, 4),
    STRAY,
    dtypes=("float64",),
    grad=False,
)
for corners in (False, True):
    case(
        f"affine_grid_{corners}",
        lambda L, t, c=corners: F(L, "affine_grid")(t, (2, 1, 3, 4), align_corners=c),
        (2, 2, 3),
    )
    case(
        f"affine_grid_volume_{corners}",
        lambda L, t, c=corners: F(L, "affine_grid")(t, [1, 1, 2, 4, 3], align_corners=c),
        (1, 3, 4),
    )
ONES = (1, 1, 2, 2)
raises("grid_sample_mode", lambda L: F(L, "grid_sample")(L.ones(ONES), L.ones(ONES), "other", align_corners=True))
raises(
    "grid_sample_padding",
    lambda L: F(L, "grid_sample")(L.ones(ONES), L.ones(ONES), padding_mode="other", align_corners=True),
)
raises("grid_sample_dims", lambda L: F(L, "grid_sample")(L.ones(ONES), L.ones(1, 2, 2), align_corners=True))
raises("grid_sample_last", lambda L: F(L, "grid_sample")(L.ones(ONES), L.ones(1, 2, 2, 3), align_corners=True))
raises("grid_sample_batch", lambda L: F(L, "grid_sample")(L.ones(ONES), L.ones(2, 1, 2, 2), align_corners=True))
raises("grid_sample_dtype", lambda L: F(L, "grid_sample")(L.ones(ONES), L.ones(ONES).double(), align_corners=True))
raises(
    "grid_sample_cubic_volume",
    lambda L: F(L, "grid_sample")(L.ones(1, 1, 2, 2, 2), L.ones(1, 1, 1, 1, 3), "bicubic", align_corners=True),
)
raises("affine_grid_shape", lambda L: F(L, "affine_grid")(L.ones(1, 2, 2), ONES, align_corners=True))
raises("affine_grid_int", lambda L: F(L, "affine_grid")(L.ones(1, 2, 3).int(), ONES, align_corners=True))
raises("affine_grid_size", lambda L: F(L, "affine_grid")(L.ones(1, 2, 3), (1, 1, 2), align_corners=True))
raises("affine_grid_empty", lambda L: F(L, "affine_grid")(L.ones(1, 2, 3), (1, 1, 0, 2), align_corners=True))
raises("affine_grid_batch", lambda L: F(L, "affine_grid")(L.ones(1, 2, 3), (2, 1, 2, 2), align_corners=True))
