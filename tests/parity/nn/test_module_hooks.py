"""Hooks of modules and state dicts against torch: the same programs, the same traces and the same error classes."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections import OrderedDict

import numpy as np
import pytest
import torch

import sparkle

LIBRARIES = (sparkle, torch)


def plain(x):
    """What a trace holds, in a form that both libraries share."""
    if isinstance(x, (sparkle.Tensor, torch.Tensor)):
        return np.round(x.detach().numpy().astype(float), 4).tolist()
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    return {k: plain(v) for k, v in x.items()} if isinstance(x, dict) else x


def linear(lib, features=2, out=3):
    layer = lib.nn.Linear(features, out)
    with lib.no_grad():
        for p in layer.parameters():
            p.copy_(lib.tensor(np.linspace(-1, 1, p.numel(), dtype=np.float32).reshape(tuple(p.shape))))
    return layer


def inputs(lib, **options):
    return lib.tensor([[1.0, 2.0], [0.5, -1.0]], **options)


def everywhere(lib):
    """Hooks on all modules come before a module's own, and go away."""
    on, trace = lib.nn.modules.module, []
    model = lib.nn.Sequential(linear(lib), lib.nn.ReLU())
    model[0].register_forward_pre_hook(lambda m, args: trace.append(("own pre", plain(args))))
    model[0].register_forward_hook(lambda m, args, out: trace.append(("own", plain(out))))
    handles = [
        on.register_module_forward_pre_hook(lambda m, args: (args[0] + 1,) if isinstance(m, lib.nn.Linear) else None),
        on.register_module_forward_hook(lambda m, args, out: trace.append((type(m).__name__, plain(out)))),
        on.register_module_forward_hook(lambda m, args, kw, out: out * 2, with_kwargs=True),
        on.register_module_full_backward_pre_hook(lambda m, go: trace.append((type(m).__name__, "pre", plain(go)))),
        on.register_module_full_backward_hook(lambda m, gi, go: trace.append((type(m).__name__, plain(gi), plain(go)))),
    ]
    x = inputs(lib, requires_grad=True)
    y = model(x)
    y.sum().backward()
    trace += [plain(y), plain(x.grad)]
    for handle in handles:
        handle.remove()
    trace.append(len(trace))
    model(x)
    on.register_module_full_backward_hook(lambda *args: None).remove()
    return trace


def everywhere_at_registration(lib):
    on, trace = lib.nn.modules.module, []
    note = lambda kind: lambda m, name, value: trace.append((kind, type(m).__name__, name))  # noqa: E731
    handles = [
        on.register_module_parameter_registration_hook(note("parameter")),
        on.register_module_buffer_registration_hook(note("buffer")),
        on.register_module_module_registration_hook(note("module")),
        on.register_module_buffer_registration_hook(lambda m, name, x: x + 5 if name == "mine" else None),
    ]
    model = lib.nn.Sequential(lib.nn.BatchNorm1d(2), lib.nn.Linear(1, 1, bias=False))
    model.register_buffer("mine", lib.zeros(1))
    model.more = lib.nn.ReLU()
    model.more = None
    model.flag = 3
    for handle in handles:
        handle.remove()
    lib.nn.Linear(1, 1)
    return trace, plain(model.mine)


def always_called_everywhere(lib):
    on, trace, model = lib.nn.modules.module, [], linear(lib)

    def fails(m, args, out):
        raise ValueError("of the hook")

    handles = [
        on.register_module_forward_hook(lambda m, args, out: trace.append(("always", out)), always_call=True),
        on.register_module_forward_hook(lambda m, args, out: trace.append("usual")),
        model.register_forward_hook(
            lambda m, args, kw, out: trace.append(("own", kw)), with_kwargs=True, always_call=True
        ),
        model.register_forward_hook(fails, always_call=True),
    ]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model(lib.zeros(1, 5))
        except RuntimeError:
            trace.append("error")
    for handle in handles:
        handle.remove()
    return trace, [str(w.message).split(":")[0] for w in caught], len(model._forward_hooks_always_called)


def late_failure(lib):
    """A hook that fails: those that are always called and had no turn get the result."""
    model, trace = lib.nn.ReLU(), []
    model.register_forward_hook(lambda m, args, out: trace.append("once"), always_call=True)

    def fails(m, args, out):
        raise ValueError("of the hook")

    model.register_forward_hook(fails)
    model.register_forward_hook(lambda m, args, out: trace.append(plain(out)), always_call=True)
    try:
        model(lib.ones(1))
    except ValueError as error:
        trace.append(str(error))
    return trace


def keywords(lib):
    class Scale(lib.nn.Module):
        def forward(self, x, *, factor=1):
            return x * factor

    layer, trace = Scale(), []
    layer.register_forward_pre_hook(lambda m, a, kw: (a, {**kw, "factor": 5}), with_kwargs=True)
    layer.register_forward_pre_hook(lambda m, a: trace.append(plain(a)))
    layer.register_forward_pre_hook(lambda m, a: a[0] + 1, prepend=True)
    layer.register_forward_hook(lambda m, a, kw, y: trace.append((kw, plain(y))), with_kwargs=True)
    return plain(layer(lib.ones(2), factor=3)), trace


def last_op_only(lib):
    """The deprecated kind of backward hook sees the op that made the result."""
    layer, trace = lib.nn.Tanh(), []
    layer.register_backward_hook(lambda m, gi, go: trace.append((plain(gi), plain(go))))
    x = inputs(lib, requires_grad=True)
    (layer(x * 2) * 3).sum().backward()
    changing = lib.nn.ReLU()
    handle = changing.register_backward_hook(lambda m, gi, go: (gi[0] * 10,))
    y = inputs(lib, requires_grad=True)
    changing(y * 1).sum().backward()
    handle.remove()
    changing(y * 1).sum().backward()
    return trace, plain(x.grad), plain(y.grad)


def warned_about_last_op(lib):
    class Two(lib.nn.Module):
        def forward(self, x):
            return x.exp().tanh()

    class Pair(lib.nn.Module):
        def forward(self, x):
            return x * 2, x * 3

    class Named(lib.nn.Module):
        def forward(self, x):
            return {"a": x * 2}

    class Bare(lib.nn.Module):
        def forward(self, x, n):
            return x * n

    kinds = []
    for layer, args in ((Two(), ()), (Pair(), ()), (Named(), ()), (Bare(), (2,)), (lib.nn.Tanh(), ())):
        layer.register_backward_hook(lambda m, gi, go: None)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            layer(inputs(lib, requires_grad=True) * 1, *args)
        kinds.append([w.category.__name__ for w in caught])
    return kinds


def not_a_tensor(lib):
    class Named(lib.nn.Module):
        def forward(self, x):
            return {"a": x * 2}

    layer = Named()
    layer.register_full_backward_hook(lambda m, gi, go: None)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        layer(inputs(lib, requires_grad=True))
    return [(w.category.__name__, str(w.message)) for w in caught]


def twins(lib):
    """Hooks go along with copies, and see the copy."""
    layer = lib.nn.ReLU()
    layer.calls = []
    layer.register_forward_hook(noted)
    layer.register_load_state_dict_post_hook(noted_loading)
    trace = []
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        twin(lib.ones(1))
        twin.load_state_dict({})
        handle = twin.register_forward_hook(noted)
        twin(lib.ones(1))
        handle.remove()
        twin(lib.ones(1))
        trace.append((twin.calls, len(twin._forward_hooks)))
    return trace, layer.calls


def noted(module, args, output):
    module.calls.append(plain(output))


def noted_loading(module, keys):
    module.calls.append("loaded")


# State dicts.


def formats(lib):
    """Versions, private hooks and overriding what a module saves and loads."""

    class Renamed(lib.nn.Module):
        _version = 3

        def __init__(self):
            super().__init__()
            self.scale = lib.nn.Parameter(lib.ones(2))
            self.seen = []

        def _save_to_state_dict(self, destination, prefix, keep_vars):
            super()._save_to_state_dict(destination, prefix, keep_vars)
            destination[prefix + "note"] = lib.zeros(1)

        def _load_from_state_dict(self, state_dict, prefix, local_metadata, strict, missing, unexpected, errors):
            self.seen.append((prefix, dict(local_metadata), strict, sorted(state_dict)))
            state_dict.pop(prefix + "note", None)
            if prefix + "old" in state_dict:
                state_dict[prefix + "scale"] = state_dict.pop(prefix + "old")
            super()._load_from_state_dict(state_dict, prefix, local_metadata, strict, missing, unexpected, errors)

    model = lib.nn.Sequential(Renamed(), lib.nn.BatchNorm1d(2))
    state = model.state_dict()
    trace = [list(state), {k: dict(v) for k, v in state._metadata.items()}]
    trace.append(str(model.load_state_dict(state)))
    old = OrderedDict((k.replace("scale", "old"), v.clone() + 1) for k, v in state.items())
    trace += [str(model.load_state_dict(old)), plain(model[0].scale), model[0].seen]
    model._register_state_dict_hook(lambda m, s, prefix, meta: {prefix + "only": 3})
    trace.append(model.state_dict(prefix="p."))
    return trace


def before_loading(lib):
    model, trace = lib.nn.Sequential(linear(lib)), []
    model[0]._register_load_state_dict_pre_hook(lambda state, prefix, *rest: state.pop(prefix + "more", None))
    model[0]._register_load_state_dict_pre_hook(
        lambda m, *rest: trace.append((type(m).__name__, rest[1:])), with_module=True
    )
    model.register_load_state_dict_pre_hook(lambda m, s, *rest: trace.append(sorted(s)))
    state = model.state_dict()
    state["0.more"] = lib.zeros(1)
    trace.append(str(model.load_state_dict(state)))
    return trace


def after_loading(lib):
    """Hooks after loading see what was loaded, and may forgive."""
    model, trace = lib.nn.Sequential(linear(lib)), []

    def forgive(module, keys):
        trace.append((type(module).__name__, plain(module.bias), keys.missing_keys[:], keys.unexpected_keys[:]))
        keys.missing_keys.clear()
        keys.unexpected_keys.clear()

    model[0].register_load_state_dict_post_hook(forgive)
    trace.append(str(model.load_state_dict({"0.bias": lib.ones(3), "0.more": lib.ones(1)})))
    return trace


def without_counts(lib):
    """A batch norm loads what was saved when there was no num_batches_tracked."""
    model = lib.nn.Sequential(lib.nn.BatchNorm1d(2))
    state = {k: v for k, v in model.state_dict().items() if "num" not in k}
    trace = [str(model.load_state_dict(state))]
    new = model.state_dict()
    del new["0.num_batches_tracked"]
    try:
        model.load_state_dict(new)
    except RuntimeError as error:
        trace.append(str(error))
    return trace


def one_element(lib):
    """A number loads from a tensor with one element."""

    class Number(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.n = lib.nn.Parameter(lib.tensor(1.0))

    model = Number()
    model.load_state_dict({"n": lib.tensor([4.0])})
    trace = [plain(model.n)]
    model.load_state_dict({"n": lib.tensor([5.0])}, assign=True)
    return [*trace, plain(model.n), type(model.n).__name__, tuple(model.n.shape)]


def assigned(lib):
    model = linear(lib)
    model.bias.requires_grad_(False)
    new = {"weight": lib.zeros(3, 2, dtype=lib.float64), "bias": lib.nn.Parameter(lib.ones(3))}
    model.load_state_dict(new, assign=True)
    kinds = [(type(p).__name__, str(p.dtype).split(".")[-1], p.requires_grad) for p in model.parameters()]
    return kinds, model.bias is new["bias"]


def by_position(lib):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        state = linear(lib).state_dict(OrderedDict(), "a.", True)
    return list(state), state["a.bias"].requires_grad, [w.category.__name__ for w in caught]


def placed(lib):
    model = lib.nn.Sequential(lib.nn.Sequential(linear(lib)))
    model.set_submodule("0.0", lib.nn.ReLU(), strict=True)
    model.set_submodule("0.more", lib.nn.Tanh())
    model.register_module("last", lib.nn.Identity())
    model[0].also = model[0][0]
    names = [type(m).__name__ for m in model.modules()]
    return names, [type(m).__name__ for m in model.modules(remove_duplicate=False)], repr(model)


def emptied(lib):
    model = lib.nn.Sequential(lib.nn.BatchNorm1d(2), linear(lib))
    weight = model[1].weight
    returned = model.to_empty(device="cpu")
    shapes = [tuple(t.shape) for t in (*model.parameters(), *model.buffers())]
    model.to_empty(device="cpu", recurse=False)
    return returned is model, shapes, model[1].weight is weight, weight.requires_grad


def moved(lib):
    model = lib.nn.Sequential(lib.nn.Conv2d(2, 3, 3), lib.nn.BatchNorm2d(3))
    model.to(lib.float64, memory_format=lib.channels_last)
    weight = model[0].weight
    trace = [weight.stride(), weight.is_contiguous(memory_format=lib.channels_last), model[1].weight.stride()]
    model.to(dtype=lib.float32, non_blocking=True).to("cpu", lib.float64, True).to(tensor=lib.zeros(1))
    return [*trace, str(weight.dtype).split(".")[-1], str(model.to(float)[0].weight.dtype).split(".")[-1]]


def inherited(lib):
    """call_super_init hands arguments on; old pickles' __setstate__ can be extended."""

    class Named:
        def __init__(self, name):
            self.name = name

    class Both(lib.nn.Module, Named):
        call_super_init = True

        def __init__(self, name):
            super().__init__(name)

        def __setstate__(self, state):
            super().__setstate__({**state, "restored": True})

    both = Both("n")
    twin = copy.deepcopy(both)
    return both.name, twin.restored, both.dump_patches, lib.nn.Module.call_super_init, hasattr(both, "T_destination")


PROGRAMS = [
    everywhere, everywhere_at_registration, always_called_everywhere, late_failure, keywords, last_op_only,
    warned_about_last_op, not_a_tensor, twins, formats, before_loading, after_loading, without_counts, one_element,
    assigned, by_position, placed, emptied, moved, inherited,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*(F|f)ull backward hook:UserWarning")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(program):
    ours, theirs = program(sparkle), program(torch)
    assert str(ours).replace("sparkle.", "torch.") == str(theirs)


def answering(lib, kind):
    layer = linear(lib)
    getattr(layer, kind)(lambda *args: 3)
    return layer


def mixed(lib, first, second):
    layer = lib.nn.ReLU()
    getattr(layer, first)(lambda *args: None)
    getattr(layer, second)(lambda *args: None)


def with_extra(lib, name):
    return type("Extra", (lib.nn.Linear,), {name: lambda self, state=None: 3})(1, 1)


MISUSE = [
    lambda lib: mixed(lib, "register_backward_hook", "register_full_backward_hook"),
    lambda lib: mixed(lib, "register_full_backward_hook", "register_backward_hook"),
    lambda lib: answering(lib, "register_state_dict_post_hook").state_dict(),
    lambda lib: answering(lib, "register_load_state_dict_post_hook").load_state_dict(linear(lib).state_dict()),
    lambda lib: linear(lib).set_submodule("", lib.nn.ReLU()),
    lambda lib: linear(lib).set_submodule("a", 3),
    lambda lib: linear(lib).set_submodule("a.b", lib.nn.ReLU()),
    lambda lib: linear(lib).set_submodule("a", lib.nn.ReLU(), strict=True),
    lambda lib: linear(lib).set_submodule("weight", lib.nn.ReLU()),
    lambda lib: setattr(linear(lib), "weight", lib.nn.ReLU()),
    lambda lib: setattr(linear(lib), "weight", lib.nn.Buffer(lib.zeros(1))),
    lambda lib: linear(lib).get_extra_state(),
    lambda lib: linear(lib).set_extra_state(3),
    lambda lib: with_extra(lib, "set_extra_state").load_state_dict(lib.nn.Linear(1, 1).state_dict()),
    lambda lib: lib.nn.Linear(1, 1).load_state_dict(with_extra(lib, "get_extra_state").state_dict()),
    lambda lib: linear(lib).to_empty(),
    lambda lib: linear(lib).to(lib.int32),
    lambda lib: linear(lib).to("nowhere"),
    lambda lib: lib.nn.Linear(2, 2).load_state_dict([1]),
]  # fmt: skip


@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch)
    with pytest.raises(theirs.type) as ours:
        call(sparkle)
    assert str(ours.value)


def spoilt(lib):
    """A state dict with everything wrong: keys missing and too many at several depths, shapes, kinds."""
    nn = lib.nn
    model = nn.Sequential(OrderedDict(a=linear(lib), b=nn.Sequential(nn.BatchNorm1d(2), linear(lib))))
    state = model.state_dict()
    del state["a.weight"], state["b.1.bias"]
    state["b.0.weight"] = lib.zeros(5)
    state["a.bias"] = [1.0]
    state["more"] = state["c.more"] = state["b.more"] = state["b.0.more.most"] = state["a._extra_state"] = lib.zeros(1)
    return model, state


def test_all_that_is_wrong_is_said_in_torchs_words():
    texts = []
    for lib in LIBRARIES:
        model, state = spoilt(lib)
        with pytest.raises(RuntimeError) as error:
            model.load_state_dict(state)
        texts.append(str(error.value).replace("sparkle.", "torch."))
    assert texts[0] == texts[1]


def test_what_torch_would_compile_is_refused():
    layer = sparkle.nn.Linear(1, 1)
    for options in ({}, {"mode": "max-autotune"}, {"backend": "eager", "fullgraph": True}):
        with pytest.raises(RuntimeError, match="there is no compiler"):
            layer.compile(**options)
    layer.compile(backend="eager")
    layer.compile(disable=True)
    assert layer(sparkle.zeros(1)).shape == (1,)


def test_backward_hooks_of_both_kinds_everywhere_are_refused():
    """In a fresh program, since torch remembers the first kind for good."""
    on = sparkle.nn.modules.module
    kept = on.register_module_full_backward_hook(lambda *args: None)
    kept.remove()
    with pytest.raises(RuntimeError, match="both regular backward hooks and full backward hooks"):
        on.register_module_backward_hook(lambda *args: None)
