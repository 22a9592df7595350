"""Rows of normalisation layers."""

from .module import T, X, args, layers

ONE, TWO, THREE = [X(4, 3, 5)], [X(4, 3, 3, 2)], [X(2, 3, 2, 3, 2)]
BY_CHANNEL = (
    args(3),
    args(3, 1e-3, 0.3),
    args(3, momentum=None),
    args(3, affine=False),
    args(3, affine=True),
    args(3, track_running_stats=False),
    args(3, affine=True, track_running_stats=True),
    args(3, momentum=None, track_running_stats=True),
    args(3, 1e-5, 0.1, False, False),
    args(3, affine=True, bias=False),
)
for dims, inputs in enumerate((ONE, TWO, THREE), start=1):
    layers(f"BatchNorm{dims}d", inputs, *BY_CHANNEL)
    with_weights = {"differs": {"empty": "torch looks for the first of no images' weights"}, "atol": 1e-9}
    for way in BY_CHANNEL:
        layers(f"InstanceNorm{dims}d", inputs, way, **with_weights if way[1].get("affine") else {"atol": 1e-9})
layers("BatchNorm1d", [X(5, 3)], *BY_CHANNEL)
layers("BatchNorm1d", [X(1, 3, 4)], args(3))
layers("BatchNorm2d", [X(1, 3, 2, 2)], args(3), args(3, momentum=0.0), args(3, momentum=1.0))

layers(
    "LayerNorm", [X(4, 6)], args(6), args(6, 1e-2), args([6]), args(6, elementwise_affine=False), args(6, bias=False)
)
layers("LayerNorm", [X(2, 3, 4, 5)], args([4, 5], eps=1e-3), args((3, 4, 5)), args(5), args((5,), 1e-5, False, True))
layers("RMSNorm", [X(4, 6)], args(6), args(6, 1e-2), args([6]), args(6, elementwise_affine=False))
layers("RMSNorm", [X(2, 3, 4, 5)], args((4, 5), eps=1e-3), args([3, 4, 5]))
layers(
    "GroupNorm",
    [X(2, 4, 3, 2)],
    args(2, 4),
    args(1, 4, 1e-2),
    args(4, 4),
    args(2, 4, affine=False),
    args(2, 4, bias=False),
)
layers("GroupNorm", [X(3, 6)], args(2, 6), args(3, 6))
layers("GroupNorm", [X(2, 6, 5)], args(2, 6))
layers(
    "LocalResponseNorm", [X(2, 5, 3, 2)], args(2), args(3, alpha=0.1), args(2, 0.1, 0.5, 2.0), args(1), args(4, k=0.5)
)
layers("LocalResponseNorm", [X(2, 5, 3)], args(3, 0.1))
layers(
    "CrossMapLRN2d", [T(2, 5, 3, 2)], args(2), args(3, 0.1), args(2, 0.1, 0.5, 2.0)
)  # torch's gradient is another formula's
layers("SyncBatchNorm", [X(4, 3, 3, 2)], *BY_CHANNEL[:3])
