"""Rows of attention and transformers."""

import numpy as np

from .module import T, X, args, layers, of
from .table import Maker

L_, S_, N_ = 3, 5, 2  # targets, sources, batch
EMPTY = {"empty": "torch cannot reshape what has no elements to a size that it is to find out"}


def seen(*shape):
    """A mask that hides some places, of every row at least one not."""
    mask = np.random.default_rng(3).random(shape) < 0.33
    mask[..., 0] = False
    return mask


def hides(*shape):
    """The same as an argument."""
    return Maker(shape, dtype="bool", make=lambda a: seen(*a.shape))


MULTI = (
    {},
    {"batch_first": True},
    {"bias": False},
    {"kdim": 6, "vdim": 7},
    {"kdim": 6, "vdim": 7, "bias": False, "batch_first": True},
    {"add_bias_kv": True},
    {"add_zero_attn": True, "add_bias_kv": True, "batch_first": True},
    {"dropout": 0.0, "add_zero_attn": True},
)
MASKS = {
    "none": ({}, ()),
    "heads apart": ({"average_attn_weights": False}, ()),
    "no weights": ({"need_weights": False}, ()),
    "bool": ({"attn_mask": hides(L_, S_)}, (None,)),
    "float": ({"attn_mask": T(L_, S_), "need_weights": False}, (None,)),
    "of heads": ({"attn_mask": hides(N_ * 2, L_, S_), "average_attn_weights": False}, (None,)),
    "padding": ({"key_padding_mask": hides(N_, S_)}, (0,)),
    "float padding": ({"key_padding_mask": T(N_, S_), "need_weights": False}, (0,)),
    "both": ({"key_padding_mask": hides(N_, S_), "attn_mask": hides(L_, S_)}, (0, None)),
    "both, no weights": (
        {"key_padding_mask": hides(N_, S_), "attn_mask": hides(L_, S_), "need_weights": False},
        (0, None),
    ),
}
for flags in MULTI:
    axis = 0 if flags.get("batch_first") else 1
    shapes = [(L_, 8), (S_, flags.get("kdim", 8)), (S_, flags.get("vdim", 8))]
    inputs = [X(N_, n, d) if axis == 0 else X(n, N_, d) for n, d in shapes]
    for number, (call, axes) in enumerate(MASKS.values()):
        layers(
            "MultiheadAttention",
            inputs,
            args(8, 2, **flags),
            call=call,
            batch=(axis, axis, axis, *axes),
            initial=number == 0,
            differs=EMPTY if 0 in axes and "need_weights" in call else {},
        )
causal = {"attn_mask": np.triu(np.ones((L_, L_), bool), 1), "is_causal": True}
for call in ({}, causal, {**causal, "need_weights": False}):
    for flags in ({}, {"batch_first": True}, {"bias": False, "batch_first": True}):
        same = [of(lambda L, x: [x, x, x], X(N_, L_, 8))]
        layers("MultiheadAttention", same, args(8, 2, **flags), call=call, batch=1, initial=False)
for call in ({}, {"need_weights": False}):
    memory = [of(lambda L, q, k: [q, k, k], X(L_, N_, 8), X(S_, N_, 8))]  # keys and values are one tensor
    layers("MultiheadAttention", memory, args(8, 2), args(8, 4, add_bias_kv=True), call=call, batch=1, initial=False)
layers("MultiheadAttention", [X(L_, N_, 6)] * 3, args(6, 1), args(6, 6), args(6, 2, 0.3), batch=1, random=True)

OPTIONS = (
    {},
    {"batch_first": True, "activation": "gelu"},
    {"norm_first": True, "bias": False, "batch_first": True},
    {"layer_norm_eps": 0.1, "activation": of(lambda L: L.nn.functional.silu)},
    {"norm_first": True, "activation": of(lambda L: L.nn.Tanh())},
)
COPYING = ("train", "eval", "single", "single-eval", "strided", "unbatched")
SMALL = {"dim_feedforward": 6, "dropout": 0.0}


def stack(kind, count, options, **rest):
    """A stack of layers of one kind."""
    layer = of(lambda L, given: getattr(L.nn, f"Transformer{kind}Layer")(4, 2, **given), {**SMALL, **options})
    return args(layer, count, **rest)


for options in OPTIONS:
    first = bool(options.get("batch_first"))
    axis = 0 if first else 1
    target, source = (X(N_, L_, 4), X(N_, S_, 4)) if first else (X(L_, N_, 4), X(S_, N_, 4))
    one = args(4, 2, **SMALL, **options)
    padding, memory_padding = hides(N_, L_), hides(N_, S_)
    mask = np.triu(np.ones((L_, L_), bool), 1)
    norm = of(lambda L: L.nn.LayerNorm(4))
    of_encoder = {"src_key_padding_mask": padding}
    for call in ({}, of_encoder, {"src_mask": mask}, {"src_mask": mask, "is_causal": True, **of_encoder}):
        rest = {"call": call, "initial": options is OPTIONS[0] and not call}
        rest |= {"batch": (axis, 0), "differs": EMPTY} if "src_key_padding_mask" in call else {"batch": axis}
        layers("TransformerEncoderLayer", [target], one, **rest)
    for call in ({}, {"mask": mask, **of_encoder}):
        rest = {"call": call, "initial": options is OPTIONS[0] and not call}
        rest |= {"batch": (axis, 0), "differs": EMPTY} if call else {"batch": axis}
        stacked = stack("Encoder", 2, options, norm=norm, enable_nested_tensor=False)
        layers("TransformerEncoder", [target], stacked, stack("Encoder", 1, options), **rest)
    of_decoder = {"tgt_mask": mask, "tgt_key_padding_mask": padding, "memory_key_padding_mask": memory_padding}
    forgetful = isinstance(options.get("activation"), type(norm)) and "norm_first" in options
    copies = dict.fromkeys(COPYING, "torch's copies of a decoder layer forget an activation that is a module")
    for call in ({}, of_decoder, {**of_decoder, "tgt_is_causal": True, "memory_mask": hides(L_, S_)}):
        axes = {0: (), 3: (0, 0), 5: (0, 0, None)}[len(call)]
        rest = {"call": call, "batch": (axis, axis, *axes), "initial": options is OPTIONS[0] and not call}
        empty = EMPTY if call else {}
        layers("TransformerDecoderLayer", [target, source], one, differs=empty, **rest)
        stacks = stack("Decoder", 2, options, norm=norm), stack("Decoder", 1, options)
        layers(
            "TransformerDecoder", [target, source], *stacks, differs={**empty, **(copies if forgetful else {})}, **rest
        )
    for call in ({}, {**of_decoder, "src_key_padding_mask": memory_padding}):
        axes = (axis, axis, *[0] * (3 if call else 0))
        layers(
            "Transformer",
            [source, target],
            args(4, 2, 1, 2, **SMALL, **options),
            call=call,
            batch=axes,
            initial=options is OPTIONS[0] and not call,
            differs={**(EMPTY if call else {}), **(copies if forgetful else {})},
        )
layers("TransformerEncoderLayer", [X(L_, N_, 4)], args(4, 2, 6), batch=1, random=True)
