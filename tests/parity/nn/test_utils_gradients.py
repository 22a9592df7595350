"""The rest of nn.utils against torch: clipping, vectors, fusion, memory formats, skip_init, functional calls."""

from __future__ import annotations

import inspect
import math
import warnings

import pytest
import torch

import sparkle
from tests.parity.traces import LIBRARIES, check_misuse, check_program, filled, gradients, numbers


def parameter(lib, *shape, seed=0, grad=True, dtype=None):
    p = lib.nn.Parameter(numbers(lib, *shape, seed=seed, dtype=dtype))
    if grad:
        p.grad = 3 * numbers(lib, *shape, seed=seed + 50, dtype=dtype)
    return p


def some(lib):
    return [
        parameter(lib, 2, 3),
        parameter(lib, 4, seed=1),
        parameter(lib, 2, seed=2, grad=False),
        parameter(lib, seed=3),
    ]


@pytest.mark.parametrize("foreach", [None, True, False])
@pytest.mark.parametrize("norm_type", [2.0, 1, 0, 3, 0.5, math.inf, -math.inf, "inf", "2"])
@pytest.mark.parametrize("max_norm", [0.5, 100.0, 0, -1.0, math.inf])
def test_clip_grad_norm(max_norm, norm_type, foreach):
    def program(lib):
        ps = some(lib)
        total = lib.nn.utils.get_total_norm([p.grad for p in ps if p.grad is not None], norm_type, foreach=foreach)
        returned = lib.nn.utils.clip_grad_norm_(iter(ps), max_norm, norm_type, foreach=foreach)
        return [total, returned, [p.grad for p in ps]]

    check_program(program)


def norms_by_type(lib):
    utils = lib.nn.utils
    h, f, d = (lib.ones(3, dtype=t) for t in (lib.float16, lib.float32, lib.float64))
    mixtures = [[h], [f], [d], [h, f], [f, d], [d, h], [lib.zeros(0)], [lib.zeros(0), f], f, lib.tensor(-2.0)]
    orders = (2.0, 1.0, math.inf)
    sizes = [[utils.get_total_norm(m, p) for p in orders if p != math.inf or len(m) == 0] for m in mixtures[:6]]
    return [
        sizes,
        [utils.get_total_norm(m) for m in mixtures],
        utils.get_total_norm([]),
        utils.get_total_norm(iter([d])),
    ]


def clipping(lib):
    utils = lib.nn.utils
    one, many = parameter(lib, 3), some(lib)
    trace = [utils.clip_grad_norm_(one, 1.0), one.grad, utils.clip_grad_norm_([], 1.0), utils.clip_grad_norm(many, 0.7)]
    utils.clip_grads_with_norm_(many, 0.1, lib.tensor(2.0))
    utils.clip_grads_with_norm_(one, 0.1, lib.tensor(2.0))
    trace += [[p.grad for p in many], one.grad]
    utils.clip_grad_value_(many, 0.01)
    utils.clip_grad_value_(one, clip_value=0.01, foreach=False)
    return [*trace, [p.grad for p in many], one.grad, one.grad is one.grad]


def clipping_nonfinite(lib):
    p = parameter(lib, 3)
    p.grad[0] = math.nan
    return [lib.nn.utils.clip_grad_norm_([p], 1.0), p.grad]


def vectors(lib):
    ps = some(lib)
    v = lib.nn.utils.parameters_to_vector(ps)
    (v * v).sum().backward()
    trace = [v, [p.grad for p in ps]]
    new = numbers(lib, v.numel() + 2, seed=9)
    lib.nn.utils.vector_to_parameters(new, iter(ps))
    new[0] = 5.0
    trace += [ps, [p.is_leaf for p in ps], lib.nn.utils.parameters_to_vector(iter(ps))]
    lib.nn.utils.vector_to_parameters(new.float() * 2, ps)
    return [*trace, ps]


def networks(lib, dims, transpose, affine, bias):
    nn = lib.nn
    kind = f"Conv{'Transpose' if transpose else ''}{dims}d"
    conv = getattr(nn, kind)(2, 4, 2, groups=1 if transpose else 2, bias=bias)
    bn = getattr(nn, f"BatchNorm{dims}d")(4, eps=0.1, affine=affine)
    net = filled(lib, nn.Sequential(conv, bn))
    bn.running_var.abs_()
    return net.eval(), numbers(lib, 2, 2, *[4] * dims, seed=30)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("transpose", [True, False])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_fuse_conv_bn(dims, transpose, affine, bias):
    def program(lib):
        net, x = networks(lib, dims, transpose, affine, bias)
        fused = lib.nn.utils.fuse_conv_bn_eval(*net, transpose=transpose)
        assert lib.allclose(fused(x), net(x))
        return [fused(x), fused.state_dict(), repr(fused), fused is net[0], fused.weight, fused.bias, net.state_dict()]

    check_program(program)


def fused_linear(lib):
    trace = []
    for bias in (True, False):
        net = filled(lib, lib.nn.Sequential(lib.nn.Linear(3, 4, bias=bias), lib.nn.BatchNorm1d(4))).eval()
        net[1].running_var.abs_()
        fused = lib.nn.utils.fuse_linear_bn_eval(*net)
        x = numbers(lib, 2, 3)
        assert lib.allclose(fused(x), net(x))
        trace += [fused(x), fused.weight, fused.bias, repr(fused)]
    return trace


def fused_with_one_feature(lib):
    linear, bn = filled(lib, lib.nn.Linear(3, 4)).eval(), filled(lib, lib.nn.BatchNorm1d(1)).eval()
    bn.running_var.abs_()
    return [lib.nn.utils.fuse_linear_bn_eval(linear, bn)(numbers(lib, 2, 3))]


def fused_frozen_and_half(lib):
    net, _ = networks(lib, 2, False, True, True)
    net[0].weight.requires_grad_(False)
    net[0].half()
    fused = lib.nn.utils.fuse_conv_bn_eval(*net)
    weights = lib.nn.utils.fuse_conv_bn_weights(
        net[0].weight, None, net[1].running_mean, net[1].running_var, 0.1, None, None
    )
    return [[w.dtype == lib.float16, w.requires_grad] for w in (fused.weight, fused.bias, *weights)]


def memory_formats(lib):
    net = filled(lib, lib.nn.Sequential(lib.nn.Conv2d(3, 4, 2), lib.nn.Sequential(lib.nn.ConvTranspose2d(2, 3, 2))))
    cube = filled(
        lib, lib.nn.Sequential(lib.nn.Conv3d(2, 3, 2), lib.nn.ConvTranspose3d(2, 3, 2), lib.nn.Conv2d(2, 3, 2))
    )
    before = net[0].weight
    trace = [lib.nn.utils.convert_conv2d_weight_memory_format(net, lib.channels_last) is net, net[0].weight is before]
    lib.nn.utils.convert_conv3d_weight_memory_format(cube, lib.channels_last_3d)
    trace += [[p.stride() for p in (*net.parameters(), *cube.parameters())], net.state_dict(), cube.state_dict()]
    lib.nn.utils.convert_conv2d_weight_memory_format(net, lib.contiguous_format)
    y = net[0](numbers(lib, 1, 3, 4, 4))
    y.sum().backward()
    return [*trace, [p.stride() for p in net.parameters()], y, gradients(net)]


def skipping(lib):
    nn = lib.nn
    lib.manual_seed(0)
    expected = lib.rand(1).item()
    lib.manual_seed(0)
    made = [
        nn.utils.skip_init(nn.Linear, 5, 1), nn.utils.skip_init(nn.Linear, in_features=6, out_features=1, bias=False),
        nn.utils.skip_init(nn.Conv2d, 3, 4, 2, dtype=lib.float64), nn.utils.skip_init(nn.GRUCell, 2, 3, device="cpu"),
        nn.utils.skip_init(nn.Embedding, 3, 2), nn.utils.skip_init(nn.MultiheadAttention, 4, 2),
    ]  # fmt: skip
    forms = [{k: (tuple(v.shape), str(v.dtype)[-7:]) for k, v in m.state_dict().items()} for m in made]
    undisturbed = lib.rand(1).item() == expected
    return [[repr(m) for m in made], forms, undisturbed, [p.requires_grad for m in made for p in m.parameters()]]


def calls(lib):
    m = filled(lib, lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.BatchNorm1d(4)))
    x, w = numbers(lib, 2, 3), numbers(lib, 4, 3, seed=40).requires_grad_()
    call = lib.nn.utils.stateless.functional_call
    before = m.state_dict()
    given = {"0.weight": w, "1.running_mean": lib.zeros(4, dtype=lib.float64), "1.num_batches_tracked": lib.tensor(5)}
    y = call(m, given, x)
    y.pow(3).sum().backward()
    trace = [y, w.grad, gradients(m), given, m.state_dict(), before]
    trace.append(call(m, {**before, "0.weight": w}, (x,), strict=True))
    return [*trace, call(m[0], {"weight": w}, kwargs={"input": x}), call(m[0], {"other": w}, x), hasattr(m[0], "other")]


def attributes_in_calls(lib):
    class Scaled(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = lib.ones(1)
            self.register_buffer("count", lib.zeros(()))

        def forward(self, x):
            self.count = self.count + 1
            return x * self.factor * self.count

    m, given = Scaled(), {"factor": lib.tensor([3.0]), "count": lib.tensor(4.0)}
    trace = [lib.func.functional_call(m, given, lib.ones(2)), m.factor, m.count, given]
    several = [{"factor": lib.tensor([3.0])}, {"count": lib.tensor(4.0)}]
    return [*trace, lib.func.functional_call(m, several, lib.ones(2)), several, [n for n, _ in m.named_parameters()]]


def tied(lib):
    class Tied(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = lib.nn.Parameter(lib.ones(1))
            self.b = self.a

        def forward(self, x):
            return x * self.a + self.b

    m, call, zero = Tied(), lib.func.functional_call, lib.zeros(1)
    x = lib.ones(2)
    return [
        call(m, {"a": zero}, x), call(m, {"b": zero}, x, tie_weights=False), call(m, {"a": zero, "b": zero}, x),
        call(m, {"a": zero, "b": x[:1]}, x, tie_weights=False), call(m, {"a": zero}, x, strict=True), m.a is m.b,
    ]  # fmt: skip


PROGRAMS = [
    norms_by_type, clipping, clipping_nonfinite, vectors, fused_linear, fused_with_one_feature, fused_frozen_and_half,
    memory_formats, skipping, calls, attributes_in_calls, tied,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(program):
    check_program(program)


def utils(lib):
    return lib.nn.utils


def calling(lib, given, **options):
    return lib.func.functional_call(lib.nn.Linear(2, 2), given, lib.ones(1, 2), **options)


def conv_bn(lib, **options):
    return lib.nn.Conv2d(1, 2, 2), lib.nn.BatchNorm2d(2, **options)


MISUSE = {
    "norm of integers": lambda L: utils(L).get_total_norm([L.ones(2).long()]),
    "norm of numbers": lambda L: utils(L).get_total_norm([1.0]),
    "norm of none": lambda L: utils(L).get_total_norm(None),
    "order": lambda L: utils(L).get_total_norm([L.ones(2)], "fro"),
    "inf of nothing": lambda L: utils(L).get_total_norm([L.ones(0)], math.inf),
    "-inf of nothing": lambda L: utils(L).get_total_norm([L.ones(0), L.ones(1)], -math.inf),
    "nonfinite": lambda L: utils(L).get_total_norm([L.tensor([math.nan])], error_if_nonfinite=True),
    "nonfinite clip": lambda L: (
        utils(L).clip_grad_norm_([parameter(L, 2)], 1.0, 1000.0, error_if_nonfinite=True)
        and utils(L).get_total_norm([L.tensor([math.inf])], 2.0, True)
    ),
    "total is a number": lambda L: utils(L).clip_grads_with_norm_([parameter(L, 2)], 1.0, 3.0),
    "max is a word": lambda L: utils(L).clip_grad_norm_([parameter(L, 2)], "a"),
    "clip none": lambda L: utils(L).clip_grad_norm_(None, 1.0),
    "clip a none": lambda L: utils(L).clip_grad_norm_([None], 1.0),
    "value is a word": lambda L: utils(L).clip_grad_value_([parameter(L, 2)], "a"),
    "vector of nothing": lambda L: utils(L).parameters_to_vector([]),
    "vector without view": lambda L: utils(L).parameters_to_vector([L.ones(2, 3).T]),
    "vector of none": lambda L: utils(L).parameters_to_vector([None]),
    "short vector": lambda L: utils(L).vector_to_parameters(L.ones(1), [parameter(L, 2)]),
    "integer vector": lambda L: utils(L).vector_to_parameters(L.arange(2), [parameter(L, 2)]),
    "no vector": lambda L: utils(L).vector_to_parameters([1.0], [parameter(L, 1)]),
    "fuse in training": lambda L: utils(L).fuse_conv_bn_eval(*conv_bn(L)),
    "fuse without statistics": lambda L: utils(L).fuse_conv_bn_eval(
        *[m.eval() for m in conv_bn(L, track_running_stats=False)]
    ),
    "fuse other channels": lambda L: utils(L).fuse_conv_bn_eval(
        L.nn.Conv2d(1, 2, 2).eval(), L.nn.BatchNorm2d(3).eval()
    ),
    "fuse linear in training": lambda L: utils(L).fuse_linear_bn_eval(L.nn.Linear(2, 3), L.nn.BatchNorm1d(3)),
    "fuse linear features": lambda L: utils(L).fuse_linear_bn_eval(
        L.nn.Linear(2, 3).eval(), L.nn.BatchNorm1d(2).eval()
    ),
    "skip no module": lambda L: utils(L).skip_init(int),
    "skip no class": lambda L: utils(L).skip_init(L.nn.Linear(2, 3)),
    "skip no device": lambda L: utils(L).skip_init(L.nn.ReLU),
    "format": lambda L: utils(L).convert_conv2d_weight_memory_format(L.nn.Conv2d(1, 2, 2), "last"),
    "format of other dims": lambda L: utils(L).convert_conv2d_weight_memory_format(
        L.nn.Conv2d(1, 2, 2), L.channels_last_3d
    ),
    "call: no submodule": lambda L: calling(L, {"a.weight": L.ones(2)}),
    "call: no module": lambda L: calling(L, {"weight.a": L.ones(2)}),
    "call: no tensor": lambda L: calling(L, {"weight": 3}),
    "call: attribute": lambda L: calling(L, {"in_features": L.ones(2)}),
    "call: empty name": lambda L: calling(L, {"": L.ones(2)}),
    "call: missing": lambda L: calling(L, {"weight": L.ones(2, 2)}, strict=True),
    "call: unexpected": lambda L: calling(L, {"weight": L.ones(2, 2), "bias": L.ones(2), "c": L.ones(1)}, strict=True),
    "call: no dict": lambda L: calling(L, 3),
    "call: no dicts": lambda L: calling(L, (3,)),
    "call: twice": lambda L: calling(L, ({"bias": L.ones(2)}, {"bias": L.ones(2)})),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse(name):
    check_misuse(MISUSE[name])


def test_a_failing_call_gives_the_tensors_back():
    for lib in LIBRARIES:
        m = lib.nn.Linear(2, 2)
        before = m.weight
        with pytest.raises(RuntimeError):
            lib.func.functional_call(m, {"weight": lib.ones(2, 2)}, lib.ones(5))
        assert m.weight is before


WARNINGS = {
    "clip_grad_norm": (FutureWarning, lambda L: utils(L).clip_grad_norm([], 1.0)),
    "empty generator": (UserWarning, lambda L: utils(L).clip_grad_norm_((p for p in ()), 1.0)),
    "weight_norm": (FutureWarning, lambda L: utils(L).weight_norm(L.nn.Linear(1, 1))),
    "functional_call": (
        FutureWarning,
        lambda L: utils(L).stateless.functional_call(L.nn.Linear(1, 1), {}, L.ones(1)),
    ),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_warnings(name):
    category, call = WARNINGS[name]
    for lib in LIBRARIES:
        with warnings.catch_warnings(record=True) as met:
            warnings.simplefilter("always")
            call(lib)
        assert [w.category for w in met] == [category], lib.__name__
        assert met[0].filename == __file__ or lib is torch


MODULES = ["parametrize", "parametrizations", "prune", "stateless", "rnn", "fusion", "init", "memory_format"]
MODULES += ["clip_grad", "convert_parameters", "spectral_norm", "weight_norm"]
FOR_FILES_BEFORE_2018 = {"SpectralNormLoadStateDictPreHook", "SpectralNormStateDictHook"}  # one method here


def public(module):
    named = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    own = [n for n in named if getattr(getattr(module, n), "__module__", "").startswith(module.__name__)]
    return {n for n in own if n != "bind"}


@pytest.mark.parametrize("name", ["", *MODULES])
def test_all_names_are_there_with_torchs_arguments(name):
    import importlib

    ours, theirs = (
        importlib.import_module(f"{lib.__name__}.nn.utils{name and '.' + name}") for lib in (sparkle, torch)
    )
    names = public(theirs) if name else {n for n in theirs.__all__ if callable(getattr(theirs, n))}
    for n in sorted(names - FOR_FILES_BEFORE_2018):
        a, b = (getattr(module, n) for module in (ours, theirs))
        if inspect.isfunction(b):
            mine, wanted = ({k: p.default for k, p in inspect.signature(f).parameters.items()} for f in (a, b))
            assert mine == wanted, n
        else:
            assert inspect.isclass(a), n
