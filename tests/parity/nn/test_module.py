"""Module machinery against torch: the same programs, the same traces and the same error classes."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch

import sparkle

LIBRARIES = (sparkle, torch)


def plain(x):
    """What a trace holds, in a form that both libraries share."""
    if isinstance(x, (sparkle.Tensor, torch.Tensor)):
        return (str(x.dtype).split(".")[-1], np.round(x.detach().numpy().astype(float), 4).tolist())
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    return x


def net(lib):
    nn = lib.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(2, 3)
            self.body = nn.Sequential(nn.ReLU(), nn.BatchNorm1d(3))
            self.scale = nn.Parameter(lib.ones(3))
            self.register_buffer("offset", lib.zeros(3))
            self.register_buffer("cache", lib.ones(1), persistent=False)
            self.shared = self.first
            self.nothing = None

        def forward(self, x):
            return self.body(self.first(x)) * self.scale + self.offset

    model = Net()
    with lib.no_grad():
        for i, p in enumerate(model.parameters()):
            p.copy_(lib.tensor(np.linspace(-1, 1 + i, p.numel(), dtype=np.float32).reshape(tuple(p.shape))))
    return model


def names(lib):
    m = net(lib)
    return [
        [n for n, _ in m.named_parameters()],
        [n for n, _ in m.named_parameters(remove_duplicate=False)],
        [n for n, _ in m.named_parameters(prefix="a", recurse=False)],
        [n for n, _ in m.named_buffers()],
        [n for n, _ in m.named_children()],
        [n for n, _ in m.named_modules()],
        [n for n, _ in m.named_modules(prefix="x", remove_duplicate=False)],
        list(m.state_dict()),
        list(m.state_dict(prefix="p.")),
        len(list(m.parameters())),
        [type(c).__name__ for c in m.children()],
        sorted(n for n in dir(m) if n in ("first", "body", "scale", "offset", "cache")),
    ]


def modes(lib):
    m = net(lib)
    m.eval()
    seen = [x.training for x in m.modules()]
    m.train()
    m.body.eval()
    return seen, [x.training for x in m.modules()]


def conversion(lib):
    m = net(lib)
    before = m.scale
    m.double()
    (m.scale * 2).sum().backward()
    kept = m.scale is before
    m.to(lib.float32)
    m.to(dtype=lib.float64)
    m.to("cpu")
    m.to(lib.zeros(1, dtype=lib.float32))
    return kept, plain(m.state_dict()), plain(m.scale.grad)


def gradients(lib):
    m = net(lib)
    m.requires_grad_(False)
    frozen = [p.requires_grad for p in m.parameters()]
    m.requires_grad_()
    m(lib.tensor([[1.0, 2.0], [0.5, -1.0]])).sum().backward()
    m.zero_grad(set_to_none=False)
    zeros = [plain(p.grad) for p in m.parameters()]
    m.zero_grad()
    return frozen, zeros, [p.grad for p in m.parameters()]


def applied(lib):
    order = []
    returned = net(lib).apply(lambda x: order.append(type(x).__name__))
    return order, type(returned).__name__


def attributes(lib):
    m = net(lib)
    trace = []
    m.offset = lib.ones(3)
    trace.append(list(m.state_dict()))
    m.scale = None
    trace += [m.scale, list(m.state_dict())]
    m.scale = lib.nn.Parameter(lib.zeros(2))
    del m.first
    trace.append(list(m.state_dict()))
    m.plain = 3
    m.plain = lib.nn.Parameter(lib.zeros(1))
    trace += ["plain" in m.__dict__, list(m.state_dict())]
    m.offset = lib.nn.Parameter(lib.zeros(1))
    trace.append([n for n, _ in m.named_buffers()])
    m.buf = lib.nn.Buffer(lib.zeros(1), persistent=False)
    trace.append([n for n, _ in m.named_buffers()])
    return trace


def by_name(lib):
    m = net(lib)
    m.set_submodule("body.0", lib.nn.Tanh())
    return [
        type(m.get_submodule("body.1")).__name__,
        m.get_submodule("") is m,
        plain(m.get_parameter("body.1.bias")),
        plain(m.get_buffer("body.1.running_var")),
        type(m.body[0]).__name__,
    ]


def loading(lib):
    m = net(lib)
    state = m.state_dict()
    shared = state["scale"]
    with lib.no_grad():
        m.scale.fill_(7)
    trace = [plain(shared), shared.requires_grad, m.state_dict(keep_vars=True)["scale"] is m.scale]
    partial = {k: v for k, v in state.items() if k != "scale"}
    partial["more"] = lib.zeros(1)
    found = m.load_state_dict(partial, strict=False)
    trace += [found.missing_keys, found.unexpected_keys, str(m.load_state_dict(state))]
    new = OrderedDict((k, v.clone() + 1) for k, v in state.items())
    m.load_state_dict(new, assign=True)
    trace += [plain(m.state_dict()), type(m.scale).__name__, m.scale.requires_grad]
    return trace


def copies(lib):
    m = net(lib)
    twin = copy.deepcopy(m)
    with lib.no_grad():
        m.scale.fill_(7)
    trace = [plain(twin.scale), twin.shared is twin.first, twin.scale.requires_grad, twin.scale.is_leaf]
    again = pickle.loads(pickle.dumps(m.body))
    return [*trace, plain(again.state_dict()), type(again).__name__, plain(pickle.loads(pickle.dumps(m.scale)))]


def forward_hooks(lib):
    m = net(lib)
    trace = []
    handles = [
        m.first.register_forward_pre_hook(lambda mod, args: (args[0] * 2,)),
        m.first.register_forward_hook(lambda mod, args, out: trace.append((plain(args), plain(out)))),
        m.first.register_forward_hook(lambda mod, args, out: out + 1, prepend=True),
        m.first.register_forward_pre_hook(lambda mod, args, kw: ((args[0] + 1,), kw), with_kwargs=True, prepend=True),
        m.body.register_forward_hook(lambda mod, args, kw, out: trace.append(kw), with_kwargs=True),
    ]
    x = lib.tensor([[1.0, 2.0], [0.5, -1.0]])
    trace.append(plain(m(x)))
    for handle in handles:
        handle.remove()
        handle.remove()
    trace.append(plain(m(x)))
    with m.first.register_forward_hook(lambda mod, args, out: out * 0):
        trace.append(plain(m.first(x)))
    trace.append(plain(m.first(x)))
    return trace


def hooks_with_failure(lib):
    trace = []
    m = lib.nn.Linear(2, 3)
    m.register_forward_hook(lambda mod, args, out: trace.append(("usual", out)))
    m.register_forward_hook(lambda mod, args, out: trace.append(("always", out)), always_call=True)
    try:
        m(lib.zeros(1, 5))
    except RuntimeError:
        trace.append("error")
    return trace


def backward_hooks(lib):
    m = net(lib)
    trace = []
    m.first.register_full_backward_hook(lambda mod, gi, go: trace.append(("first", plain(gi), plain(go))))
    m.body.register_full_backward_pre_hook(lambda mod, go: (go[0] * 2,))
    m.body.register_full_backward_hook(lambda mod, gi, go: (gi[0] + 1,))
    m.register_full_backward_hook(lambda mod, gi, go: trace.append(("net", plain(gi), plain(go))))
    x = lib.tensor([[1.0, 2.0], [0.5, -1.0]], requires_grad=True)
    y = m(x)
    (y * lib.tensor([[1.0, 2.0, 3.0], [3.0, 1.0, 0.0]])).sum().backward()
    trace += [plain(x.grad), [plain(p.grad) for p in m.parameters()]]
    m.zero_grad()
    m(x.detach()).sum().backward()
    return [*trace, [plain(p.grad) for p in m.parameters()]]


def sequential(lib):
    nn = lib.nn
    s = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    show = lambda q: [(n, type(c).__name__) for n, c in q.named_children()]  # noqa: E731
    trace = [show(s), len(s), type(s[-1]).__name__, show(s[1:]), type(s[:2]).__name__]
    s.append(nn.Tanh())
    s.insert(1, nn.Sigmoid())
    s.extend([nn.ELU()])
    trace.append(show(s))
    del s[0]
    s[0] = nn.GELU()
    trace += [show(s), type(s.pop(-1)).__name__, show(s)]
    del s[1:]
    trace += [show(s), show(s + nn.Sequential(nn.ReLU())), show(s * 2), show(2 * s)]
    s += nn.Sequential(nn.Tanh())
    trace.append(show(s))
    trace.append(show(nn.Sequential(OrderedDict([("a", nn.ReLU()), ("b", nn.Tanh())]))))
    return trace


def containers(lib):
    nn = lib.nn
    show = lambda q: [(n, type(c).__name__) for n, c in q.named_children()]  # noqa: E731
    items = nn.ModuleList([nn.ReLU()])
    items.append(nn.Tanh()).extend([nn.ELU(), nn.SiLU()])
    items += [nn.GELU()]
    items.insert(0, nn.Mish())
    trace = [show(items), len(items), type(items[-1]).__name__, show(items[1:3]), type(items.pop(0)).__name__]
    del items[1]
    trace += [show(items), show(items + nn.ModuleList([nn.ReLU()]))]
    table = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()})
    table["c"] = nn.ELU()
    table.update([("a", nn.SiLU())])
    trace += [show(table), "a" in table, list(table), len(table), type(table.pop("b")).__name__, list(table.keys())]
    table.clear()
    trace.append(len(table))
    params = nn.ParameterList([lib.ones(1), nn.Parameter(lib.ones(2)), 3])
    params.append(lib.zeros(2))
    params += [lib.zeros(1)]
    params[0] = lib.zeros(3)
    trace += [[n for n, _ in params.named_parameters()], len(params), params[2], plain(params[-1])]
    trace.append(plain(list(params[:2])))
    named = nn.ParameterDict({"w": lib.ones(1), "n": 3})
    named["v"] = lib.zeros(1)
    trace += [[n for n, _ in named.named_parameters()], list(named), named["n"], "v" in named, plain(named.get("w"))]
    trace += [named.get("no"), plain(named.pop("v")), plain(dict(named.items()))]
    trace.append(list((named | nn.ParameterDict({"z": lib.ones(1)})).keys()))
    return trace


def extra_state(lib):
    class Extra(lib.nn.Module):
        count = 3

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    m = lib.nn.Sequential(Extra())
    state = m.state_dict()
    state["0._extra_state"] = {"count": 8}
    m.load_state_dict(state)
    return list(state), m[0].count


def utilities(lib):
    u = lib.nn.utils
    m = net(lib)
    m(lib.tensor([[1.0, 2.0], [0.5, -1.0]])).pow(2).sum().backward()
    trace = [
        round(u.clip_grad_norm_(m.parameters(), 0.5).item(), 4),
        round(u.clip_grad_norm_(m.parameters(), 100.0, norm_type=float("inf")).item(), 4),
        round(u.clip_grad_norm_(list(m.parameters()), 0.3, norm_type=1.0).item(), 4),
        [plain(p.grad) for p in m.parameters()],
    ]
    u.clip_grad_value_(m.parameters(), 0.01)
    trace += [[plain(p.grad) for p in m.parameters()], u.clip_grad_norm_([], 1.0).item()]
    vector = u.parameters_to_vector(m.parameters())
    u.vector_to_parameters(vector * 0 + 2, m.parameters())
    return [*trace, tuple(vector.shape), [plain(p) for p in m.parameters()]]


PROGRAMS = [
    names, modes, conversion, gradients, applied, attributes, by_name, loading, copies, forward_hooks,
    hooks_with_failure, backward_hooks, sequential, containers, extra_state, utilities,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*(F|f)ull backward hook:UserWarning")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(program):
    assert program(sparkle) == program(torch)


def bare(lib):
    class Bare(lib.nn.Module):
        def __init__(self, act):
            act(self)

    return Bare


def linear_state(lib, **changed):
    return {"weight": lib.zeros(3, 2), "bias": lib.zeros(3), **changed}


MISUSE = [
    lambda lib: bare(lib)(lambda m: setattr(m, "p", lib.nn.Parameter(lib.zeros(1)))),
    lambda lib: bare(lib)(lambda m: setattr(m, "m", lib.nn.ReLU())),
    lambda lib: bare(lib)(lambda m: m.register_buffer("b", lib.zeros(1))),
    lambda lib: bare(lib)(lambda m: setattr(m, "b", lib.nn.Buffer(lib.zeros(1)))),
    lambda lib: lib.nn.Module()(3),
    lambda lib: lib.nn.Module(3),
    lambda lib: lib.nn.Module(a=3),
    lambda lib: lib.nn.Linear(2, 3).nothing,
    lambda lib: delattr(lib.nn.Linear(2, 3), "nothing"),
    lambda lib: setattr(lib.nn.Linear(2, 3), "weight", 3),
    lambda lib: setattr(lib.nn.Linear(2, 3), "weight", lib.zeros(3, 2)),
    lambda lib: setattr(lib.nn.Sequential(lib.nn.ReLU()), "0", 3),
    lambda lib: setattr(lib.nn.BatchNorm1d(3), "running_mean", 3),
    lambda lib: lib.nn.ReLU().register_buffer("a.b", None),
    lambda lib: lib.nn.ReLU().register_buffer("", None),
    lambda lib: lib.nn.ReLU().register_buffer(3, None),
    lambda lib: lib.nn.ReLU().register_buffer("training", None),
    lambda lib: lib.nn.ReLU().register_buffer("b", 3),
    lambda lib: lib.nn.ReLU().register_parameter("p", lib.zeros(1)),
    lambda lib: lib.nn.ReLU().register_parameter("a.b", None),
    lambda lib: lib.nn.ReLU().register_parameter("forward", None),
    lambda lib: lib.nn.ReLU().register_module("m", 3),
    lambda lib: lib.nn.ReLU().add_module("a.b", lib.nn.ReLU()),
    lambda lib: lib.nn.ReLU().add_module("", lib.nn.ReLU()),
    lambda lib: lib.nn.ReLU().train(3),
    lambda lib: lib.nn.Linear(2, 3).to(lib.int64),
    lambda lib: lib.nn.Linear(2, 3).load_state_dict(3),
    lambda lib: lib.nn.Linear(2, 3).load_state_dict({}),
    lambda lib: lib.nn.Linear(2, 3).load_state_dict(linear_state(lib, more=lib.zeros(1))),
    lambda lib: lib.nn.Linear(2, 3).load_state_dict(linear_state(lib, bias=lib.zeros(2))),
    lambda lib: lib.nn.Linear(2, 3).load_state_dict(linear_state(lib, bias=lib.zeros(2)), strict=False),
    lambda lib: lib.nn.Linear(2, 3).load_state_dict(linear_state(lib, bias=[1.0])),
    lambda lib: lib.nn.Linear(2, 3).get_submodule("a"),
    lambda lib: lib.nn.Linear(2, 3).get_submodule("weight"),
    lambda lib: lib.nn.Linear(2, 3).get_parameter("a"),
    lambda lib: lib.nn.Linear(2, 3).get_parameter("in_features"),
    lambda lib: lib.nn.Linear(2, 3).get_buffer("weight"),
    lambda lib: lib.nn.Sequential(3),
    lambda lib: lib.nn.Sequential(lib.nn.ReLU())[1],
    lambda lib: lib.nn.Sequential(lib.nn.ReLU()) + 3,
    lambda lib: lib.nn.Sequential(lib.nn.ReLU()) * 0,
    lambda lib: lib.nn.Sequential(lib.nn.ReLU()) * 1.5,
    lambda lib: lib.nn.Sequential(lib.nn.ReLU()).insert(9, lib.nn.ReLU()),
    lambda lib: lib.nn.Sequential(lib.nn.ReLU()).insert(0, 3),
    lambda lib: lib.nn.ModuleList([3]),
    lambda lib: lib.nn.ModuleList()(3),
    lambda lib: lib.nn.ModuleList().extend(3),
    lambda lib: lib.nn.ModuleList()[0],
    lambda lib: lib.nn.ModuleDict(3),
    lambda lib: lib.nn.ModuleDict([3]),
    lambda lib: lib.nn.ModuleDict([(1, 2, 3)]),
    lambda lib: lib.nn.ModuleDict({"keys": lib.nn.ReLU()}),
    lambda lib: lib.nn.ModuleDict()["a"],
    lambda lib: lib.nn.ParameterList(3),
    lambda lib: lib.nn.ParameterList()(3),
    lambda lib: lib.nn.ParameterDict({3: lib.zeros(1)}),
    lambda lib: lib.nn.ParameterDict()["a"],
    lambda lib: lib.nn.Parameter(lib.tensor([1])),
    lambda lib: lib.nn.utils.clip_grad_norm_([infinite(lib)], 1.0, error_if_nonfinite=True),
    lambda lib: lib.nn.utils.vector_to_parameters(3, []),
]  # fmt: skip


def infinite(lib):
    p = lib.nn.Parameter(lib.ones(1))
    p.grad = lib.tensor([float("inf")])
    return p


@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch)
    with pytest.raises(theirs.type) as ours:
        call(sparkle)
    assert str(ours.value)


@pytest.mark.parametrize("change", [{}, {"more": None}, {"bias": None}])
def test_messages_of_loading(change):
    texts = []
    for lib in LIBRARIES:
        state = linear_state(lib, **{k: lib.zeros(2) for k in change})
        del state["weight"]
        with pytest.raises(RuntimeError) as error:
            lib.nn.Linear(2, 3).load_state_dict(state)
        texts.append(str(error.value).replace("sparkle.", "torch."))
    assert texts[0] == texts[1]
