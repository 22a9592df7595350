"""Attention and transformers against torch: outputs, weights, gradients of inputs and parameters, masks, errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import sparkle

pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")  # torch on which of its ways it takes

TOLERANCE = {"float64": (1e-9, 1e-12), "float32": (1e-3, 2e-5)}
L, S, N = 3, 5, 2


def random_tensor(lib, *shape, seed=0, dtype="float64", grad=True):
    x = lib.tensor(np.random.default_rng(seed).standard_normal(shape)).to(getattr(lib, dtype))
    return x.requires_grad_(grad)


def visible(*shape, seed=3):
    """True at two in three places, and in every row somewhere."""
    mask = np.random.default_rng(seed).random(shape) < 0.67
    mask[..., 0] = True
    return mask


def assert_same(ours, theirs, dtype="float64"):
    rtol, atol = TOLERANCE[dtype]
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if b is not None:
            assert str(a.dtype).split(".")[-1] == str(b.dtype).split(".")[-1]
            assert tuple(a.shape) == tuple(b.shape)
            np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=rtol, atol=atol)


def learned(lib, results, leaves):
    """The results, and the leaves' gradients for a weighted sum of them."""
    random = np.random.default_rng(5)
    parts = [
        (t * lib.tensor(random.standard_normal(tuple(t.shape))).to(t.dtype)).sum() for t in results if t is not None
    ]
    sum(parts).backward()
    return [*results, *(leaf.grad for leaf in leaves)]


def copied(make, dtype="float64"):
    theirs = make(torch.nn).to(getattr(torch, dtype))
    ours = make(sparkle.nn).to(getattr(sparkle, dtype))
    assert [(n, tuple(t.shape)) for n, t in ours.state_dict().items()] == [
        (n, tuple(t.shape)) for n, t in theirs.state_dict().items()
    ]
    random = np.random.default_rng(11)  # torch's biases start at 0, and so would hide mistakes
    state = {name: random.standard_normal(tuple(t.shape)) / 2 for name, t in theirs.state_dict().items()}
    ours.load_state_dict({name: sparkle.tensor(a) for name, a in state.items()})
    theirs.load_state_dict({name: torch.tensor(a) for name, a in state.items()})
    return ours, theirs


# ---------------------------------------------------------------- scaled_dot_product_attention

FULL = visible(L, S)
NOTHING = FULL & (np.arange(L)[:, None] != 1)  # the second query sees nothing
FLOATS = np.random.default_rng(7).standard_normal((N, 1, L, S))
PRODUCTS = {
    "plain": ([(N, 4, L, 6), (N, 4, S, 6), (N, 4, S, 7)], {}),
    "two-dims": ([(L, 6), (S, 6), (S, 6)], {}),
    "three-dims": ([(N, L, 6), (N, S, 6), (N, S, 6)], {"scale": 0.3}),
    "broadcast": ([(N, 1, L, 6), (1, 3, S, 6), (1, 3, S, 6)], {}),
    "causal": ([(N, 2, L, 6), (N, 2, S, 6), (N, 2, S, 6)], {"is_causal": True}),
    "causal-tall": ([(N, 2, S, 6), (N, 2, L, 6), (N, 2, L, 6)], {"is_causal": True}),
    "bool": ([(N, 2, L, 6), (N, 2, S, 6), (N, 2, S, 6)], {"attn_mask": FULL}),
    "nothing": ([(N, 2, L, 6), (N, 2, S, 6), (N, 2, S, 6)], {"attn_mask": NOTHING}),
    "float": ([(N, 2, L, 6), (N, 2, S, 6), (N, 2, S, 6)], {"attn_mask": FLOATS}),
    "gqa": ([(N, 6, L, 4), (N, 2, S, 4), (N, 2, S, 4)], {"enable_gqa": True}),
    "gqa-causal": ([(N, 4, S, 4), (N, 1, S, 4), (N, 1, S, 4)], {"enable_gqa": True, "is_causal": True}),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", PRODUCTS)
def test_scaled_dot_product_attention(name, dtype):
    shapes, options = PRODUCTS[name]
    found = []
    for lib in (sparkle, torch):
        leaves = [random_tensor(lib, *shape, seed=i, dtype=dtype) for i, shape in enumerate(shapes)]
        given = dict(options)
        if "attn_mask" in given:
            mask = lib.tensor(given["attn_mask"])
            given["attn_mask"] = mask = mask if mask.dtype == lib.bool else mask.to(leaves[0].dtype).requires_grad_()
            leaves += [mask] if mask.requires_grad else []
        found.append(learned(lib, [lib.nn.functional.scaled_dot_product_attention(*leaves[:3], **given)], leaves))
    assert_same(*found, dtype)


# ---------------------------------------------------------------- MultiheadAttention

LAYERS = {
    "plain": {},
    "batch-first": {"batch_first": True},
    "no-bias": {"bias": False},
    "kdim": {"kdim": 6, "vdim": 7},
    "kdim-no-bias": {"kdim": 6, "vdim": 7, "bias": False, "batch_first": True},
    "bias-kv": {"add_bias_kv": True},
    "zero-attn": {"add_zero_attn": True, "add_bias_kv": True, "batch_first": True},
}
CALLS = {
    "weights": {},
    "all-weights": {"average_attn_weights": False},
    "fast": {"need_weights": False},
    "bool-mask": {"attn_mask": ~visible(L, S)},
    "float-mask": {"attn_mask": FLOATS[0, 0], "need_weights": False},
    "mask-of-heads": {"attn_mask": ~visible(N * 2, L, S), "need_weights": False},
    "padding": {"key_padding_mask": ~visible(N, S)},
    "padding-fast": {"key_padding_mask": ~visible(N, S), "need_weights": False},
    "both": {"key_padding_mask": ~visible(N, S), "attn_mask": ~visible(L, S)},
    "both-floats": {"key_padding_mask": FLOATS[:, 0, 0], "attn_mask": FLOATS[0, 0], "need_weights": False},
}


def attend(lib, layer, options, form, dtype):
    leaves = [random_tensor(lib, N, L, 8, seed=1, dtype=dtype)]
    if form == "self":
        arguments = leaves * 3
    elif form == "memory" and layer.kdim == layer.vdim:
        leaves.append(random_tensor(lib, N, S, layer.kdim, seed=2, dtype=dtype))
        arguments = [leaves[0], leaves[1], leaves[1]]
    else:
        leaves += [random_tensor(lib, N, S, d, seed=d, dtype=dtype) for d in (layer.kdim, layer.vdim)]
        arguments = leaves
    moved = {id(x): x if layer.batch_first else x.transpose(0, 1) for x in leaves}  # one tensor thrice stays one
    options = {k: lib.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    options = {
        k: v.to(leaves[0].dtype) if k.endswith("mask") and v.is_floating_point() else v for k, v in options.items()
    }
    return learned(lib, layer(*(moved[id(x)] for x in arguments), **options), [*leaves, *layer.parameters()])


@pytest.mark.filterwarnings("ignore:Support for mismatched")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", LAYERS)
def test_multihead_attention(name, call):
    ours, theirs = copied(lambda nn: nn.MultiheadAttention(8, 2, **LAYERS[name]))
    for form in ("memory", "different"):
        found = [attend(lib, m, CALLS[call], form, "float64") for lib, m in ((sparkle, ours), (torch, theirs))]
        assert_same(*found)
        for m in (ours, theirs):
            m.zero_grad()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("flags", [{}, {"batch_first": True}, {"batch_first": True, "bias": False}])
def test_self_attention(flags, train, dtype):
    ours, theirs = copied(lambda nn: nn.MultiheadAttention(8, 2, **flags).train(train), dtype)
    causal = ~np.tril(np.ones((L, L), bool))
    for options in (
        {},
        {"attn_mask": causal, "is_causal": True},
        {"attn_mask": causal, "is_causal": True, "need_weights": False},
    ):
        found = [attend(lib, m, options, "self", dtype) for lib, m in ((sparkle, ours), (torch, theirs))]
        assert_same(*found, dtype)


def test_unbatched_and_functional():
    ours, theirs = copied(lambda nn: nn.MultiheadAttention(8, 2))
    found = []
    for lib, m in ((sparkle, ours), (torch, theirs)):
        q, k = random_tensor(lib, L, 8), random_tensor(lib, S, 8, seed=1)
        padding, mask = lib.tensor(~visible(S)), lib.tensor(~visible(2, L, S))
        results = [*m(q, k, k, key_padding_mask=padding), *m(q, k, k, attn_mask=mask, average_attn_weights=False)]
        static = [random_tensor(lib, 2 * 1, 4, 4, seed=s) for s in (8, 9)]
        results += lib.nn.functional.multi_head_attention_forward(
            *(
                q.unsqueeze(1),
                k.unsqueeze(1),
                k.unsqueeze(1),
                8,
                2,
                m.in_proj_weight,
                m.in_proj_bias,
                None,
                None,
                False,
            ),
            *(0.0, m.out_proj.weight, m.out_proj.bias),
            static_k=static[0],
            static_v=static[1],
        )
        found.append(learned(lib, results, [q, k, *static, *m.parameters()]))
    assert_same(*found)


# ---------------------------------------------------------------- transformers

STACKS = {
    "encoder-layer": lambda nn, **o: nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, **o),
    "encoder": lambda nn, **o: nn.TransformerEncoder(
        nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, **o), 2, nn.LayerNorm(8), enable_nested_tensor=False
    ),
    "decoder-layer": lambda nn, **o: nn.TransformerDecoderLayer(8, 2, 12, dropout=0.0, **o),
    "decoder": lambda nn, **o: nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 12, dropout=0.0, **o), 2),
    "transformer": lambda nn, **o: nn.Transformer(8, 2, 2, 1, 12, dropout=0.0, **o),
}
OPTIONS = {
    "plain": {},
    "batch-first": {"batch_first": True, "activation": "gelu"},
    "norm-first": {"norm_first": True, "bias": False, "batch_first": True},
    "eps": {"layer_norm_eps": 0.1, "activation": "relu"},
}


def stack_masks(lib, name, masks):
    causal = lib.tensor(~np.tril(np.ones((L, L), bool)))
    padding, memory_padding = lib.tensor(~visible(N, L)), lib.tensor(~visible(N, S, seed=4))
    if masks == "none":
        return {}
    if name == "encoder-layer":
        return {"src_mask": causal, "src_key_padding_mask": padding}
    if name == "encoder":
        return {"mask": causal, "src_key_padding_mask": padding}
    found = {"tgt_mask": causal, "tgt_key_padding_mask": padding, "memory_key_padding_mask": memory_padding}
    return (
        {**found, "src_key_padding_mask": memory_padding} if name == "transformer" else {**found, "tgt_is_causal": True}
    )


@pytest.mark.parametrize("masks", ["none", "all"])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", STACKS)
def test_transformers(name, options, masks):
    given = OPTIONS[options]
    ours, theirs = copied(lambda nn: STACKS[name](nn, **given))
    for train in (True, False):
        found = []
        for lib, m in ((sparkle, ours.train(train)), (torch, theirs.train(train))):
            m.zero_grad()
            leaves = [random_tensor(lib, N, L, 8)]
            if "encoder" not in name:
                leaves.append(random_tensor(lib, N, S, 8, seed=1))
            inputs = leaves if given.get("batch_first") else [x.transpose(0, 1) for x in leaves]
            inputs = inputs[::-1] if name == "transformer" else inputs
            found.append(learned(lib, [m(*inputs, **stack_masks(lib, name, masks))], [*leaves, *m.parameters()]))
        assert_same(*found)


def test_transformer_unbatched_float32_and_its_mask():
    ours, theirs = copied(lambda nn: nn.Transformer(8, 2, 1, 1, 12, dropout=0.0), "float32")
    found = []
    for lib, m in ((sparkle, ours), (torch, theirs)):
        src, tgt = (random_tensor(lib, n, 8, seed=n, dtype="float32") for n in (S, L))
        mask = lib.nn.Transformer.generate_square_subsequent_mask(L)
        results = [m(src, tgt, tgt_mask=mask, tgt_is_causal=True), mask]
        found.append([*learned(lib, results[:1], [src, tgt, *m.parameters()]), mask])
    assert_same(*found, "float32")


@pytest.mark.parametrize(
    "make",
    [
        lambda nn: nn.MultiheadAttention(8, 2, add_bias_kv=True),
        lambda nn: nn.MultiheadAttention(8, 2, kdim=3, bias=False),
        lambda nn: nn.TransformerEncoderLayer(8, 2, 16, activation=nn.GELU()),
        lambda nn: nn.TransformerDecoderLayer(8, 2, 16, dropout=0.3),
        lambda nn: nn.Transformer(8, 2, 2, 1, 16),
        lambda nn: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2, nn.LayerNorm(8)),
    ],
)
def test_repr(make):
    assert repr(make(sparkle.nn)) == repr(make(torch.nn))


def F(lib):
    return lib.nn.functional


MISUSE = [
    lambda lib: F(lib).scaled_dot_product_attention(lib.ones(3), lib.ones(3), lib.ones(3)),
    lambda lib: F(lib).scaled_dot_product_attention(lib.ones(3, 2), lib.ones(3, 2).double(), lib.ones(3, 2)),
    lambda lib: F(lib).scaled_dot_product_attention(*[lib.ones(3, 2).long()] * 3),
    lambda lib: F(lib).scaled_dot_product_attention(*[lib.ones(3, 2)] * 3, attn_mask=lib.ones(3, 3).long()),
    lambda lib: F(lib).scaled_dot_product_attention(*[lib.ones(3, 2)] * 3, attn_mask=lib.ones(3, 3).double()),
    lambda lib: F(lib).scaled_dot_product_attention(*[lib.ones(3, 2)] * 3, attn_mask=lib.ones(3, 4)),
    lambda lib: F(lib).scaled_dot_product_attention(*[lib.ones(3, 2)] * 3, dropout_p=1.5),
    lambda lib: F(lib).scaled_dot_product_attention(lib.ones(3, 2), lib.ones(3, 1), lib.ones(3, 1)),
    lambda lib: F(lib).scaled_dot_product_attention(lib.ones(1, 4, 3, 2), *[lib.ones(1, 2, 3, 2)] * 2),
    lambda lib: F(lib).scaled_dot_product_attention(lib.ones(1, 4, 3, 2), *[lib.ones(1, 3, 3, 2)] * 2, enable_gqa=True),
    lambda lib: F(lib).scaled_dot_product_attention(1, lib.ones(3, 2), lib.ones(3, 2)),
    lambda lib: lib.nn.MultiheadAttention(8, 3),
    lambda lib: lib.nn.MultiheadAttention(0, 3),
    lambda lib: lib.nn.MultiheadAttention(8, 0),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(*[lib.ones(1, 3, 2, 8)] * 3),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(*[lib.ones(3, 2, 7)] * 3),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(lib.ones(3, 2, 8), lib.ones(3, 8), lib.ones(3, 8)),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(lib.ones(3, 2, 8), lib.ones(4, 2, 8), lib.ones(3, 2, 8)),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(*[lib.ones(3, 2, 8)] * 3, is_causal=True),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(*[lib.ones(3, 2, 8)] * 3, attn_mask=lib.ones(3, 4)),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(*[lib.ones(3, 2, 8)] * 3, attn_mask=lib.ones(3, 3, 3)),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(*[lib.ones(3, 2, 8)] * 3, attn_mask=lib.ones(3)),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(*[lib.ones(3, 2, 8)] * 3, attn_mask=lib.ones(3, 3).long()),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(*[lib.ones(3, 2, 8)] * 3, key_padding_mask=lib.ones(2, 4)),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(*[lib.ones(3, 2, 8)] * 3, key_padding_mask=lib.ones(2)),
    lambda lib: lib.nn.MultiheadAttention(8, 2)(*[lib.ones(3, 8)] * 3, attn_mask=lib.ones(1, 3, 3)),
    lambda lib: lib.nn.TransformerEncoderLayer(8, 2, activation="tanh"),
    lambda lib: lib.nn.Transformer(8, 2, 1, 1, 8)(lib.ones(3, 2, 8), lib.ones(3, 1, 8)),
    lambda lib: lib.nn.Transformer(8, 2, 1, 1, 8)(lib.ones(3, 2, 8), lib.ones(3, 2, 7)),
    lambda lib: lib.nn.Transformer(8, 3),
]


@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch)
    with pytest.raises(theirs.type):
        call(sparkle)
