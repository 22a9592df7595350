"""Functions of layers that are at the top level too."""

from .table import FLOATS, I, X, op, ops

WHOLE = {"dtypes": FLOATS, "layouts": ("contiguous", "strided", "expanded")}
SIGNAL, IMAGE, VOLUME = X(2, 4, 6), X(2, 4, 5, 6), X(1, 2, 4, 4, 4)

ops("relu selu celu hardshrink", X(2, 3))
op("prelu", X(2, 3), X(1), **WHOLE)
op("conv1d", SIGNAL, X(4, 2, 3), X(4), padding=1, groups=2, **WHOLE)
op("conv2d", IMAGE, X(3, 4, 2, 3), X(3), stride=2, **WHOLE)
op("conv3d", VOLUME, X(2, 2, 2, 2, 2), **WHOLE)
op("conv_transpose1d", SIGNAL, X(4, 2, 3), X(2), **WHOLE)
op("conv_transpose2d", IMAGE, X(4, 3, 2, 3), stride=2, **WHOLE)
op("conv_transpose3d", VOLUME, X(2, 2, 2, 2, 2), **WHOLE)
op("avg_pool1d", SIGNAL, 2, **WHOLE)
op("adaptive_avg_pool1d", SIGNAL, 4, **WHOLE)
op("adaptive_max_pool1d", X(2, 3, 6, distinct=True), 4, dtypes=FLOATS, layouts=("contiguous", "strided"))
op("max_pool1d", X(2, 3, 6, distinct=True), 2, dtypes=FLOATS, layouts=("contiguous", "strided"))
op("max_pool1d_with_indices", X(2, 3, 6, distinct=True), 2, dtypes=FLOATS, layouts=("contiguous", "strided"))
op("max_pool2d", X(2, 2, 4, 4, distinct=True), 2, dtypes=FLOATS, layouts=("contiguous", "strided"))
op("max_pool3d", X(1, 2, 4, 4, 4, distinct=True), 2, dtypes=FLOATS, layouts=("contiguous", "strided"))
op("batch_norm", SIGNAL, X(4), X(4), None, None, True, 0.1, 1e-5, False, **WHOLE)
op("instance_norm", SIGNAL, X(4), X(4), None, None, True, 0.1, 1e-5, False, dtypes=FLOATS, layouts=("contiguous",))
op("group_norm", SIGNAL, 2, X(4), X(4), dtypes=FLOATS, layouts=("contiguous", "strided"), atol=1e-4)
op("layer_norm", SIGNAL, (6,), X(6), X(6), **WHOLE)
op("rms_norm", SIGNAL, (6,), X(6), **WHOLE)
op("bilinear", X(3, 2), X(3, 4), X(5, 2, 4), X(5), **WHOLE)
op("cosine_similarity", X(3, 4, low=1, high=2), X(3, 4, low=-1, high=2), **WHOLE)
op("pairwise_distance", X(3, 4, low=1, high=2), X(3, 4, low=-2, high=-1), **WHOLE)
op("embedding", X(5, 3), I(2, 2, high=5), dtypes=FLOATS, layouts=("contiguous",))
NOT_EMPTY = ("contiguous", "strided", "expanded", "0-d")  # an empty input leaves torch's pixel_shuffle as it came
op("pixel_shuffle", X(2, 8, 2, 3), 2, layouts=NOT_EMPTY)
op("pixel_unshuffle", X(2, 2, 4, 6), 2, layouts=NOT_EMPTY)
op("channel_shuffle", X(2, 6, 2, 3), 2)
# torch refuses other strides here
op("conv_tbc", X(5, 2, 3), X(2, 3, 4), X(4), 1, dtypes=FLOATS, layouts=("contiguous",))
