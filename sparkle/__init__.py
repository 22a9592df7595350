"""The public face: `import sparkle` reads as `import torch` does."""

from math import e, inf, nan, pi

from numpy import newaxis

from . import amp, autograd, backends, cpu, cuda, data, fft, func, linalg, nn, optim, random, return_types
from . import signal, special, utils
from ._late import __getattr__  # noqa: F401 - sparkle.distributions and models, once they are asked for
from .core.amp import (
    autocast, autocast_decrement_nesting, autocast_increment_nesting, clear_autocast_cache, get_autocast_dtype,
    is_autocast_cache_enabled, is_autocast_enabled, set_autocast_cache_enabled, set_autocast_dtype,
    set_autocast_enabled,
)
from .core.devices import device, get_default_device, set_default_device
from .core.dtypes import (
    bfloat16, bool, can_cast, double, dtype, finfo, float, float16, float32, float64, get_default_dtype, half, iinfo,
    int, int16, int32, int64, int8, long, promote_types, set_default_dtype, short, uint8,
)
from .core.nn.functional import (
    adaptive_avg_pool1d, avg_pool1d, bilinear, celu, celu_, conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d,
    conv_transpose3d, cosine_similarity, group_norm, layer_norm, max_pool1d, max_pool1d_with_indices, max_pool2d,
    max_pool3d, pairwise_distance, relu_, rms_norm, rrelu, rrelu_, selu, selu_, threshold, threshold_, channel_shuffle,
    conv_tbc, pixel_shuffle, pixel_unshuffle,
)
from .core.nn.functional.top_level import (
    adaptive_max_pool1d, alpha_dropout, batch_norm, dropout, embedding, feature_alpha_dropout, instance_norm,
)
from .core.nn.summary import summary
from .core.serialization import load, save
from .core.settings import (
    are_deterministic_algorithms_enabled, get_deterministic_debug_mode, get_float32_matmul_precision, get_num_threads,
    is_deterministic_algorithms_warn_only_enabled, set_deterministic_debug_mode, set_float32_matmul_precision,
    set_flush_denormal, set_num_threads, use_deterministic_algorithms,
)
from .core.tensor.facts import _assert as _assert
from .core.tensor.facts import is_storage, is_tensor, numel
from .core.tensor.functions.gradient import gradient
from .core.tensor.functions.linear.decompositions import cholesky_inverse, cholesky_solve
from .core.tensor.functions.linear.distances import cdist, pdist
from .core.tensor.functions.linear.einsum import einsum
from .core.tensor.functions.linear.linalg import (
    addbmm, addmm, addmv, addr, baddbmm, bmm, chain_matmul, cross, dot, ger, inner, kron, matmul, mm, mv, outer,
    tensordot, trace, vdot,
)
from .core.tensor.functions.linear.lu import lu_unpack
from .core.tensor.functions.linear.matrix_functions import logdet
from .core.tensor.functions.linear.norms import dist, norm
from .core.tensor.functions.linear.older_linalg import (
    cholesky, det, inverse, lu, lu_solve, matrix_exp, matrix_power, pinverse, qr, slogdet, svd, triangular_solve,
    vander,
)
from .core.tensor.functions.linear.renorm import renorm
from .core.tensor.functions.pointwise.arithmetic import (
    add, arctan2, atan2, copysign, div, divide, float_power, floor_divide, fmod, hypot, ldexp, lerp, logaddexp,
    logaddexp2, mul, multiply, neg, negative, pow, remainder, rsub, sub, subtract, true_divide, xlogy,
)
from .core.tensor.functions.pointwise.comparison import (
    allclose, bitwise_and, bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift, bitwise_xor, eq, equal, ge,
    greater, greater_equal, gt, is_complex, is_floating_point, is_nonzero, is_signed, isclose, isfinite, isin, isinf,
    isnan, isneginf, isposinf, isreal, le, less, less_equal, logical_and, logical_not, logical_or, logical_xor, lt, ne,
    not_equal, signbit,
)
from .core.tensor.functions.pointwise.elementwise import (
    abs, absolute, acos, acosh, addcdiv, addcmul, arccos, arccosh, arcsin, arcsinh, arctan, arctanh, asin, asinh, atan,
    atanh, ceil, cos, cosh, deg2rad, exp, exp2, expm1, fix, floor, frac, hardshrink, log, log10, log1p, log2, logit,
    nan_to_num, positive, prelu, rad2deg, reciprocal, relu, round, rsqrt, sgn, sigmoid, sign, sin, sinc, sinh, sqrt,
    square, tan, tanh, trunc,
)
from .core.tensor.functions.pointwise.selection import (
    clamp, clamp_max, clamp_min, clip, fmax, fmin, heaviside, maximum, minimum, where,
)
from .core.tensor.functions.pointwise.special import (
    digamma, erf, erfc, erfinv, i0, igamma, igammac, lgamma, mvlgamma, polygamma,
)
from .core.tensor.functions.reductions.counting import (
    bincount, gcd, histc, histogram, histogramdd, lcm, nextafter, unique, unique_consecutive,
)
from .core.tensor.functions.reductions.covariance import corrcoef, cov
from .core.tensor.functions.reductions.reduction import (
    all, amax, amin, aminmax, any, argmax, argmin, count_nonzero, mean, nanmean, nansum, prod, std, std_mean, sum, var,
    var_mean,
)
from .core.tensor.functions.reductions.scan import cummax, cummin, cumprod, cumsum, logcumsumexp
from .core.tensor.functions.reductions.searching import (
    argwhere, bucketize, nonzero, nonzero_static, searchsorted, unravel_index,
)
from .core.tensor.functions.reductions.softmax import log_softmax, logsumexp, softmax
from .core.tensor.functions.reductions.sorting import argsort, kthvalue, max, median, min, msort, nanmedian, sort, topk
from .core.tensor.functions.reductions.statistics import (
    cumulative_trapezoid, diff, frexp, mode, nanquantile, quantile, trapezoid, trapz,
)
from .core.tensor.functions.sampling import (
    bernoulli, binomial, multinomial, normal, poisson, rand, rand_like, randint, randint_like, randn, randn_like,
    randperm,
)
from .core.tensor.functions.shaping.indexing import (
    gather, index_add, index_copy, index_fill, index_put, index_select, masked_fill, masked_scatter, masked_select, put,
    scatter, scatter_add, take, take_along_dim,
)
from .core.tensor.functions.shaping.joining import (
    atleast_1d, atleast_2d, atleast_3d, block_diag, cartesian_prod, cat, column_stack, combinations, concat,
    concatenate, dstack, hstack, meshgrid, row_stack, stack, vstack,
)
from .core.tensor.functions.shaping.rearrange import (
    diag, diag_embed, diagflat, flip, fliplr, flipud, repeat_interleave, roll, rot90, tile, tril, triu,
)
from .core.tensor.functions.shaping.scattering import (
    as_strided_scatter, diagonal_scatter, index_reduce, scatter_reduce, segment_reduce, select_scatter, slice_scatter,
)
from .core.tensor.functions.shaping.shape import (
    broadcast_shapes, broadcast_tensors, broadcast_to, clone, detach, flatten, moveaxis, movedim, permute, ravel,
    reshape, squeeze, swapaxes, swapdims, t, transpose, unflatten, unsqueeze,
)
from .core.tensor.functions.shaping.splitting import (
    as_strided, chunk, diagonal, dsplit, hsplit, narrow, select, split, split_with_sizes, tensor_split, unbind,
    unsafe_chunk, unsafe_split, unsafe_split_with_sizes, vsplit,
)
from .core.tensor.functions.spectral.pairs import (
    adjoint, angle, complex, conj, conj_physical, imag, is_conj, is_neg, polar, real, resolve_conj, resolve_neg,
    view_as_complex, view_as_real,
)
from .core.tensor.functions.spectral.short_time import istft, stft
from .core.tensor.generator import (
    Generator, default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state,
)
from .core.tensor.interchange import from_dlpack, to_dlpack
from .core.tensor.layout import channels_last, channels_last_3d, contiguous_format, memory_format, preserve_format
from .core.tensor.making.creation import as_tensor, asarray, from_file, from_numpy, frombuffer, tensor
from .core.tensor.making.filled import (
    empty, empty_like, empty_permuted, empty_strided, eye, full, full_like, ones, ones_like, scalar_tensor, zeros,
    zeros_like,
)
from .core.tensor.making.legacy import (
    BFloat16Tensor, BoolTensor, ByteTensor, CharTensor, DoubleTensor, FloatTensor, HalfTensor, IntTensor, LongTensor,
    ShortTensor, set_default_tensor_type,
)
from .core.tensor.making.ranges import arange, linspace, logspace, range, tril_indices, triu_indices
from .core.tensor.making.strided import layout, strided
from .core.tensor.making.windows import bartlett_window, blackman_window, hamming_window, hann_window, kaiser_window
from .core.tensor.operands import result_type
from .core.tensor.printing import get_printoptions, set_printoptions
from .core.tensor.size import Size
from .core.tensor.storage import TypedStorage, UntypedStorage
from .core.tensor.switches import (
    enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, no_grad, set_grad_enabled,
)
from .core.tensor.tensor import Tensor

__version__ = "0.1.0"

__all__ = [
    "BFloat16Tensor", "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "Generator",
    "HalfTensor", "IntTensor", "LongTensor", "ShortTensor", "Size", "Tensor", "TypedStorage", "UntypedStorage", "abs",
    "absolute", "acos", "acosh", "adaptive_avg_pool1d", "adaptive_max_pool1d", "add", "addbmm", "addcdiv",
    "addcmul", "addmm", "addmv",
    "addr", "adjoint", "all", "allclose", "alpha_dropout", "amax", "amin", "aminmax", "angle", "any", "arange",
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "are_deterministic_algorithms_enabled", "argmax", "argmin", "argsort", "argwhere", "as_strided",
    "as_strided_scatter", "as_tensor", "asarray", "asin", "asinh", "atan", "atan2", "atanh", "atleast_1d",
    "atleast_2d", "atleast_3d", "amp", "autocast", "autocast_decrement_nesting", "autocast_increment_nesting",
    "autograd", "avg_pool1d", "backends", "baddbmm", "bartlett_window", "batch_norm",
    "bernoulli", "bfloat16", "bilinear", "bincount", "binomial", "bitwise_and", "bitwise_left_shift", "bitwise_not",
    "bitwise_or", "bitwise_right_shift", "bitwise_xor", "blackman_window", "block_diag", "bmm", "bool",
    "broadcast_shapes", "broadcast_tensors", "broadcast_to", "bucketize", "can_cast", "cartesian_prod", "cat",
    "cdist", "ceil", "celu", "celu_", "chain_matmul", "channel_shuffle", "channels_last", "channels_last_3d",
    "cholesky",
    "cholesky_inverse", "cholesky_solve", "chunk", "clamp", "clamp_max", "clamp_min", "clear_autocast_cache",
    "clip", "clone",
    "column_stack", "combinations", "complex", "concat", "concatenate", "conj", "conj_physical",
    "contiguous_format", "conv1d", "conv2d", "conv3d", "conv_tbc", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "copysign", "corrcoef", "cos", "cosh", "cosine_similarity", "count_nonzero", "cov", "cpu",
    "cross", "cuda", "cummax",
    "cummin", "cumprod", "cumsum", "cumulative_trapezoid", "data", "default_generator", "deg2rad", "det", "detach",
    "device", "diag", "diag_embed", "diagflat", "diagonal", "diagonal_scatter", "diff", "digamma", "dist", "div",
    "divide", "dot", "double", "dropout", "dsplit", "dstack", "dtype", "e", "einsum", "embedding", "empty",
    "empty_like", "empty_permuted", "empty_strided", "enable_grad", "eq", "equal", "erf", "erfc", "erfinv", "exp",
    "exp2", "expm1", "eye", "feature_alpha_dropout", "fft", "finfo", "fix", "flatten", "flip", "fliplr", "flipud",
    "float", "float16", "float32", "float64", "float_power", "floor", "floor_divide", "fmax", "fmin", "fmod",
    "frac", "frexp", "from_dlpack", "from_file", "from_numpy", "frombuffer", "full", "full_like", "func", "gather",
    "gcd", "ge", "ger", "get_autocast_dtype", "get_default_device", "get_default_dtype", "get_deterministic_debug_mode",
    "get_float32_matmul_precision", "get_num_threads", "get_printoptions", "get_rng_state", "gradient", "greater",
    "greater_equal", "group_norm", "gt", "half", "hamming_window", "hann_window", "hardshrink", "heaviside",
    "histc", "histogram", "histogramdd", "hsplit", "hstack", "hypot", "i0", "igamma", "igammac", "iinfo", "imag",
    "index_add", "index_copy", "index_fill", "index_put", "index_reduce", "index_select", "inf", "inference_mode",
    "initial_seed", "inner", "instance_norm", "int", "int16", "int32", "int64", "int8", "inverse", "is_complex",
    "is_autocast_cache_enabled", "is_autocast_enabled", "is_conj", "is_deterministic_algorithms_warn_only_enabled",
    "is_floating_point", "is_grad_enabled",
    "is_inference_mode_enabled", "is_neg", "is_nonzero", "is_signed", "is_storage", "is_tensor", "isclose",
    "isfinite", "isin", "isinf", "isnan", "isneginf", "isposinf", "isreal", "istft", "kaiser_window", "kron",
    "kthvalue", "layer_norm", "layout", "lcm", "ldexp", "le", "lerp", "less", "less_equal", "lgamma", "linalg",
    "linspace", "load", "log", "log10", "log1p", "log2", "log_softmax", "logaddexp", "logaddexp2", "logcumsumexp",
    "logdet", "logical_and", "logical_not", "logical_or", "logical_xor", "logit", "logspace", "logsumexp", "long",
    "lt", "lu", "lu_solve", "lu_unpack", "manual_seed", "masked_fill", "masked_scatter", "masked_select", "matmul",
    "matrix_exp", "matrix_power", "max", "max_pool1d", "max_pool1d_with_indices", "max_pool2d", "max_pool3d",
    "maximum", "mean", "median", "memory_format", "meshgrid", "min", "minimum", "mm", "mode", "moveaxis", "movedim",
    "msort", "mul", "multinomial", "multiply", "mv", "mvlgamma", "nan", "nan_to_num", "nanmean", "nanmedian",
    "nanquantile", "nansum", "narrow", "ne", "neg", "negative", "newaxis", "nextafter", "nn", "no_grad", "nonzero",
    "nonzero_static", "norm", "normal", "not_equal", "numel", "ones", "ones_like", "optim", "outer",
    "pairwise_distance", "pdist", "permute", "pi", "pinverse", "pixel_shuffle", "pixel_unshuffle", "poisson",
    "polar", "polygamma", "positive", "pow",
    "prelu", "preserve_format", "prod", "promote_types", "put", "qr", "quantile", "rad2deg", "rand", "rand_like",
    "randint", "randint_like", "randn", "randn_like", "random", "randperm", "range", "ravel", "real", "reciprocal",
    "relu", "relu_", "remainder", "renorm", "repeat_interleave", "reshape", "resolve_conj", "resolve_neg",
    "result_type", "return_types", "rms_norm", "roll", "rot90", "round", "row_stack", "rrelu", "rrelu_", "rsqrt",
    "rsub", "save", "scalar_tensor", "scatter", "scatter_add", "scatter_reduce", "searchsorted", "seed",
    "segment_reduce", "select", "select_scatter", "selu", "selu_", "set_autocast_cache_enabled",
    "set_autocast_dtype", "set_autocast_enabled", "set_default_device", "set_default_dtype",
    "set_default_tensor_type", "set_deterministic_debug_mode", "set_float32_matmul_precision", "set_flush_denormal",
    "set_grad_enabled", "set_num_threads", "set_printoptions", "set_rng_state", "sgn", "short", "sigmoid", "sign",
    "signal", "signbit", "sin", "sinc", "sinh", "slice_scatter", "slogdet", "softmax", "sort", "special", "split",
    "split_with_sizes", "sqrt", "square", "squeeze", "stack", "std", "std_mean", "stft", "strided", "sub",
    "subtract", "sum", "summary", "svd", "swapaxes", "swapdims", "t", "take", "take_along_dim", "tan", "tanh", "tensor",
    "tensor_split", "tensordot", "threshold", "threshold_", "tile", "to_dlpack", "topk", "trace", "transpose",
    "trapezoid", "trapz", "triangular_solve", "tril", "tril_indices", "triu", "triu_indices", "true_divide",
    "trunc", "uint8", "unbind", "unflatten", "unique", "unique_consecutive", "unravel_index", "unsafe_chunk",
    "unsafe_split", "unsafe_split_with_sizes", "unsqueeze", "use_deterministic_algorithms", "utils", "vander",
    "var", "var_mean", "vdot", "view_as_complex", "view_as_real", "vsplit", "vstack", "where", "xlogy", "zeros",
    "zeros_like",
]
