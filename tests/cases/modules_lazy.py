"""Rows of layers that find their sizes out at the first call."""

from .module import X, args, layers

SHAPES = {1: X(2, 4, 6), 2: X(2, 4, 5, 4), 3: X(2, 4, 3, 3, 3)}
layers("LazyLinear", [X(3, 6)], args(4), args(2, bias=False), lazy=True)
once = {"lazy": True, "initial": False}
for dims, x in SHAPES.items():
    options = {"padding": 1, "groups": 2, "bias": False}
    layers(f"LazyConv{dims}d", [x], args(4, 2), args(4, (2,) * dims, **options), args(2, 1, padding=1), lazy=True)
    layers(f"LazyConvTranspose{dims}d", [x], args(4, 2), args(4, 3, stride=2, **options), lazy=True)
    layers(f"LazyBatchNorm{dims}d", [x], args(), args(1e-3, None), args(affine=False), **once)
    layers(f"LazyBatchNorm{dims}d", [x], args(track_running_stats=False), **once)
    tracked = args(affine=True, track_running_stats=True)
    layers(f"LazyInstanceNorm{dims}d", [x], args(), tracked, atol=1e-9, differs={"empty": "as InstanceNorm"}, **once)
