"""Optimizers against torch: 60 steps for every option, through a save and load in the middle; state dicts; misuse."""

from __future__ import annotations

import copy
import importlib
import pickle

import numpy as np
import pytest
import torch

import sparkle
from sparkle.core.optim import fused

SHAPES = [(3, 4), (7,), (), (0, 3), (2, 3, 2)]
UNLIKE = {"Adafactor": [(3, 4), (7,), (), (1, 3), (2, 3, 2)], "Muon": [(3, 4), (7, 2), (1, 1), (3, 3), (2, 6)]}

OPTIMIZERS = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"momentum": 0.5, "dampening": 0.3, "maximize": True, "foreach": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.2}),
    ("Adagrad", {"eps": 1e-3, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"centered": True, "alpha": 0.9}),
    ("RMSprop", {"momentum": 0.9, "eps": 1e-4}),
    ("RMSprop", {"centered": True, "momentum": 0.9, "weight_decay": 0.01, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"amsgrad": True, "foreach": False}),
    ("Adam", {"weight_decay": 0.1, "maximize": True, "betas": (0.5, 0.9), "eps": 1e-3}),
    ("Adam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {"lr": 0.05}),
    ("AdamW", {"amsgrad": True, "weight_decay": 0.1, "maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"weight_decay": 0.1, "maximize": True, "momentum_decay": 0.02, "foreach": True}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True, "betas": (0.5, 0.9), "eps": 1e-3}),
    ("RAdam", {"lr": 0.01}),
    ("RAdam", {"weight_decay": 0.1, "maximize": True, "betas": (0.5, 0.9), "eps": 1e-3}),
    ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True, "betas": (0.9, 0.5)}),
    ("Adamax", {}),
    ("Adamax", {"weight_decay": 0.1, "maximize": True, "betas": (0.5, 0.9), "eps": 1e-3}),
    ("Adadelta", {}),
    ("Adadelta", {"weight_decay": 0.1, "maximize": True, "rho": 0.5, "eps": 1e-3}),
    ("Rprop", {}),
    ("Rprop", {"etas": (0.3, 1.9), "step_sizes": (1e-3, 0.05), "maximize": True}),
    ("ASGD", {}),
    ("ASGD", {"lambd": 0.1, "alpha": 0.3, "t0": 20, "weight_decay": 0.1, "maximize": True}),
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.3, "beta2_decay": -0.3, "eps": (1e-3, 0.1), "d": 1.5, "weight_decay": 0.1}),
    ("Adafactor", {"maximize": True, "eps": (0.2, 1e-2), "foreach": True}),
    ("Muon", {}),
    ("Muon", {"lr": 0.1, "nesterov": False, "weight_decay": 0.0, "adjust_lr_fn": "match_rms_adamw"}),
    ("Muon", {"momentum": 0.5, "ns_coefficients": (3.0, -3.2, 1.2), "ns_steps": 3, "adjust_lr_fn": "original"}),
]
IDS = [f"{name}-{'-'.join(options)}" for name, options in OPTIMIZERS]


@pytest.fixture(params=["plain", "compiled"])
def path(request, monkeypatch):
    """Both bodies of the pass: the plain one, and the compiled one where numba is installed."""
    if request.param == "compiled":
        pytest.importorskip("numba")
    monkeypatch.setattr(fused, "PATIENCE", {"plain": float("inf"), "compiled": -1}[request.param])


@pytest.fixture(autouse=True)
def _precise(monkeypatch):
    """Let torch's Muon keep its precision: it rounds to bfloat16, where only two digits could be compared."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)


class Run:
    """One library's parameters and optimizer, fed with gradients that depend on the step only."""

    def __init__(self, lib, name, options, dtype="float64"):
        self.lib, self.name, self.options = lib, name, options
        random = np.random.default_rng(0)
        shapes = UNLIKE.get(name, SHAPES)
        self.params = [lib.tensor(random.standard_normal(s).astype(dtype)).requires_grad_() for s in shapes]
        self.make()

    def make(self):
        groups = [{"params": self.params[:3]}, {"params": self.params[3:], "lr": 0.02}]
        self.optimizer = getattr(self.lib.optim, self.name)(groups, **self.options)

    def step(self, t):
        random = np.random.default_rng(t)
        for i, p in enumerate(self.params):
            g = random.standard_normal(tuple(p.shape))
            skipped = (t + i) % 7 == 0 or (i == 2 and t < 5)  # so that parameters grow unlike in age
            p.grad = None if skipped else self.lib.tensor(g).to(p.dtype)
        self.optimizer.step()

    def reload(self):
        saved = copy.deepcopy(self.optimizer.state_dict())
        self.make()
        self.optimizer.load_state_dict(saved)


def plain(value):
    if hasattr(value, "detach"):
        return np.round(value.detach().numpy().astype(float), 5).tolist()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS, ids=IDS)
def test_trajectory(name, options, path):
    ours, theirs = (Run(lib, name, options) for lib in (sparkle, torch))
    for t in range(60):
        for run in (ours, theirs):
            if t == 30:
                run.reload()
            run.step(t)
    for a, b in zip(ours.params, theirs.params, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-11)
    assert repr(ours.optimizer) == repr(theirs.optimizer)
    mine, other = ours.optimizer.state_dict(), theirs.optimizer.state_dict()
    assert plain(mine) == plain(other)
    assert {k: list(v) for k, v in mine["state"].items()} == {k: list(v) for k, v in other["state"].items()}
    assert [list(g) for g in mine["param_groups"]] == [list(g) for g in other["param_groups"]]
    for number, entry in mine["state"].items():
        for key, value in entry.items():
            assert str(value.dtype)[8:] == str(other["state"][number][key].dtype)[6:], key


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS, ids=IDS)
def test_float32(name, options, path):
    ours, theirs = (Run(lib, name, options, "float32") for lib in (sparkle, torch))
    for t in range(20):
        ours.step(t)
        theirs.step(t)
    for a, b in zip(ours.params, theirs.params, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=2e-5, atol=2e-6)


def copied(value, source, make):
    """The value with the library's tensors made anew."""
    if isinstance(value, source.Tensor):
        return make(value.detach().numpy().copy())
    if isinstance(value, dict):
        return {k: copied(v, source, make) for k, v in value.items()}
    return [copied(v, source, make) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("source", [torch, sparkle], ids=["torch", "sparkle"])
@pytest.mark.parametrize(("name", "options"), OPTIMIZERS, ids=IDS)
def test_continues_from_the_other(name, options, source, path):
    """A state dict made by one library goes on in the other as it does in the first."""
    goal = sparkle if source is torch else torch
    first, second = Run(source, name, options), Run(goal, name, options)
    for t in range(10):
        first.step(t)
    with goal.no_grad():
        for a, b in zip(second.params, first.params, strict=True):
            a.copy_(goal.tensor(b.detach().numpy()))
    saved = copied(first.optimizer.state_dict(), source, lambda a: goal.tensor(a))
    second.optimizer.load_state_dict(saved)
    first.reload()
    for t in range(10, 20):
        first.step(t)
        second.step(t)
    for a, b in zip(first.params, second.params, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-11)


def leaf(lib):
    return lib.ones(3, requires_grad=True)


def matrix(lib):
    p = lib.ones(2, 3, requires_grad=True)
    p.grad = lib.ones(2, 3)
    return p


def closure(lib):
    p = leaf(lib)
    optimizer = lib.optim.SGD([p], lr=0.1)

    def evaluate():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with lib.no_grad():
        values = [optimizer.step(evaluate).item() for _ in range(3)]
    return [round(v, 5) for v in values]


def hooks(lib):
    trace = []
    optimizer = lib.optim.SGD([leaf(lib)], lr=0.1)
    first = optimizer.register_step_pre_hook(lambda o, args, kwargs: trace.append(("before", len(args), kwargs)))
    optimizer.register_step_post_hook(lambda o, args, kwargs: trace.append(("after", o is optimizer)))
    optimizer.register_state_dict_pre_hook(lambda o: trace.append("saving"))
    optimizer.register_state_dict_post_hook(lambda o, state: {**state, "extra": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, state: trace.append(state.pop("extra")))
    optimizer.register_load_state_dict_post_hook(lambda o: trace.append("loaded"))
    optimizer.step()
    first.remove()
    optimizer.step()
    optimizer.load_state_dict(optimizer.state_dict())
    return trace


def own_optimizer(lib):
    class Halving(lib.optim.Optimizer):
        def __init__(self, params, rate=0.5):
            super().__init__(params, {"rate": rate})

        def step(self, closure=None):
            with lib.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        p.mul_(group["rate"])
                        self.state[p]["seen"] = self.state[p].get("seen", 0) + 1

    p = leaf(lib)
    optimizer = Halving([{"params": [p]}, {"params": [leaf(lib)], "rate": 2.0}])
    optimizer.step()
    optimizer.step()
    return plain(p), optimizer.state_dict(), repr(optimizer)


def groups(lib):
    p, q = leaf(lib), leaf(lib)
    optimizer = lib.optim.Adam([("p", p)], lr=0.1)
    optimizer.add_param_group({"params": [("q", q)], "lr": 0.5, "betas": (0.1, 0.2)})
    for x in (p, q):
        x.grad = lib.ones(3)
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    zeros = plain(p.grad)
    optimizer.zero_grad()
    return plain([p, q]), zeros, p.grad, plain(optimizer.state_dict()), optimizer.defaults


def tensor_rate(lib):
    p = leaf(lib)
    optimizer = lib.optim.SGD([p], lr=lib.tensor(0.5))
    p.grad = lib.ones(3)
    optimizer.step()
    return plain(p)


def hooks_on_all(lib):
    trace = []
    first, second = (lib.optim.SGD([leaf(lib)], lr=0.1) for _ in range(2))
    module = importlib.import_module(f"{lib.__name__}.optim.optimizer")
    handles = [
        module.register_optimizer_step_pre_hook(lambda o, args, kwargs: trace.append(("before", o is first))),
        module.register_optimizer_step_post_hook(lambda o, args, kwargs: trace.append(("after", o is first))),
    ]
    first.register_step_pre_hook(lambda o, args, kwargs: trace.append("own before"))
    first.register_step_post_hook(lambda o, args, kwargs: trace.append("own after"))
    first.step()
    second.step()
    for handle in handles:
        handle.remove()
    first.step()
    return trace


def hooks_that_answer(lib):
    p = leaf(lib)
    p.grad = lib.ones(3)
    optimizer = lib.optim.SGD([p], lr=0.1)
    optimizer.register_step_pre_hook(lambda o, args, kwargs: ((args[0], lambda: 7), kwargs))
    order = []
    optimizer.register_state_dict_post_hook(lambda o, state: order.append("first"))
    optimizer.register_state_dict_post_hook(lambda o, state: order.append("second"), prepend=True)
    optimizer.register_load_state_dict_pre_hook(lambda o, state: {**state, "param_groups": changed(state)})
    loss = optimizer.step()
    optimizer.load_state_dict(optimizer.state_dict())
    return loss, order, optimizer.param_groups[0]["lr"]


def changed(state):
    return [{**group, "lr": 5.0} for group in state["param_groups"]]


def copies(lib):
    p = leaf(lib)
    p.grad = lib.ones(3)
    optimizer = lib.optim.NAdam([("weight", p)], lr=0.1)
    optimizer.step()
    trace = []
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        q = twin.param_groups[0]["params"][0]
        q.grad = lib.ones(3)
        twin.step()
        trace += [plain(q), plain(twin.state_dict()), q is p]
    return trace, plain(p), plain(optimizer.state_dict())


def names(lib):
    p, q = leaf(lib), leaf(lib)
    plain_one, named = lib.optim.SGD([p, q], lr=0.1), lib.optim.SGD([("a", p), ("b", q)], lr=0.2)
    other = lib.optim.SGD([("c", p), ("d", q)], lr=0.3)
    saved = plain_one.state_dict()
    other.load_state_dict(saved)  # keeps its names
    first = plain(other.state_dict())
    other.load_state_dict(named.state_dict())  # takes the saved ones
    plain_one.load_state_dict(named.state_dict())
    return first, plain(other.state_dict()), plain(plain_one.state_dict()), repr(named)


def fewer_gradients(lib):
    """Entries that belong to no parameter stay; parameters without gradients have no state."""
    p, q = leaf(lib), leaf(lib)
    optimizer = lib.optim.Adam([p, q], lr=0.1)
    q.grad = lib.ones(3)
    optimizer.step()
    saved = optimizer.state_dict()
    saved["state"]["extra"] = {"note": 1}
    optimizer.load_state_dict(saved)
    return plain(optimizer.state_dict())


def changed_options(lib):
    p = leaf(lib)
    optimizer = lib.optim.RMSprop([p], lr=0.1)
    trace = []
    for key, value in (("lr", 0.5), ("weight_decay", 0.1), ("momentum", 0.5), ("maximize", True), ("eps", 0.1)):
        p.grad = lib.ones(3)
        optimizer.step()
        optimizer.param_groups[0][key] = value
        trace += plain(p)
        if key == "momentum":
            optimizer.state.clear()  # torch makes no state where there is some
    return trace


def tensor_options(lib):
    trace = []
    for name in ("Adam", "NAdam", "RAdam", "Adamax", "Adadelta", "Rprop", "ASGD", "Adafactor", "RMSprop", "Adagrad"):
        p, lr = leaf(lib), lib.tensor(0.25)
        optimizer = getattr(lib.optim, name)([p], lr=lr)
        for rate in (0.25, 0.125):
            lr.fill_(rate)
            p.grad = lib.ones(3)
            optimizer.step()
            trace.append(plain(p))
    return trace


def zeroed(lib):
    p = leaf(lib)
    (p * p).sum().backward(create_graph=True)
    lib.optim.SGD([p]).zero_grad(set_to_none=False)
    return plain(p.grad), p.grad.requires_grad


def swapped_in(lib, steps=2, state=None, count=2, extra=None):
    params, others = ([leaf(lib), leaf(lib)] for _ in range(2))
    for p in (*params, *others):
        p.grad = lib.ones(3)
    optimizer = lib.optim.NAdam(params, lr=0.1)
    for _ in range(steps):
        optimizer.step()
    saved = copy.deepcopy(optimizer.state_dict()) if state is None else state
    if extra:
        saved["state"].update(extra)
    with lib.optim.swap_in_optimizer_params_and_state(optimizer, dict(enumerate(others[:count])), saved):
        optimizer.param_groups[0]["lr"] = 0.5
        optimizer.step()
    last = [optimizer.param_groups[0]["params"][i] is params[i] for i in range(2)], optimizer.param_groups[0]["lr"]
    return plain(params), plain(others), plain(saved), plain(optimizer.state_dict()), last


PROGRAMS = [
    *(closure, hooks, hooks_on_all, hooks_that_answer, own_optimizer, groups, tensor_rate, copies, names),
    *(fewer_gradients, changed_options, tensor_options, zeroed, swapped_in),
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
@pytest.mark.filterwarnings("ignore:Using backward")
def test_program(program):
    assert program(sparkle) == program(torch)


MISUSE = [
    lambda lib: lib.optim.Adam([leaf(lib)], lr=-1),
    lambda lib: lib.optim.Adam([leaf(lib)], eps=-1),
    lambda lib: lib.optim.Adam([leaf(lib)], betas=(1.0, 0.9)),
    lambda lib: lib.optim.Adam([leaf(lib)], betas=(0.9, -1)),
    lambda lib: lib.optim.Adam([leaf(lib)], weight_decay=-1),
    lambda lib: lib.optim.AdamW([leaf(lib)], lr=-1),
    lambda lib: lib.optim.SGD([leaf(lib)], lr=-1),
    lambda lib: lib.optim.SGD([leaf(lib)], momentum=-1),
    lambda lib: lib.optim.SGD([leaf(lib)], weight_decay=-1),
    lambda lib: lib.optim.SGD([leaf(lib)], nesterov=True),
    lambda lib: lib.optim.SGD([leaf(lib)], nesterov=True, momentum=0.9, dampening=0.1),
    lambda lib: lib.optim.RMSprop([leaf(lib)], lr=-1),
    lambda lib: lib.optim.RMSprop([leaf(lib)], alpha=-1),
    lambda lib: lib.optim.RMSprop([leaf(lib)], eps=-1),
    lambda lib: lib.optim.RMSprop([leaf(lib)], momentum=-1),
    lambda lib: lib.optim.RMSprop([leaf(lib)], weight_decay=-1),
    lambda lib: lib.optim.Adagrad([leaf(lib)], lr=-1),
    lambda lib: lib.optim.Adagrad([leaf(lib)], lr_decay=-1),
    lambda lib: lib.optim.Adagrad([leaf(lib)], initial_accumulator_value=-1),
    lambda lib: lib.optim.Adagrad([leaf(lib)], eps=-1),
    lambda lib: lib.optim.Adagrad([leaf(lib)], weight_decay=-1),
    lambda lib: lib.optim.NAdam([leaf(lib)], lr=-1),
    lambda lib: lib.optim.NAdam([leaf(lib)], betas=(1.0, 0.9)),
    lambda lib: lib.optim.NAdam([leaf(lib)], eps=-1),
    lambda lib: lib.optim.NAdam([leaf(lib)], weight_decay=-1),
    lambda lib: lib.optim.NAdam([leaf(lib)], momentum_decay=-1),
    lambda lib: lib.optim.RAdam([leaf(lib)], lr=-1),
    lambda lib: lib.optim.RAdam([leaf(lib)], betas=(0.9, 1.0)),
    lambda lib: lib.optim.RAdam([leaf(lib)], eps=-1),
    lambda lib: lib.optim.RAdam([leaf(lib)], weight_decay=-1),
    lambda lib: lib.optim.Adamax([leaf(lib)], lr=-1),
    lambda lib: lib.optim.Adamax([leaf(lib)], betas=(-0.1, 0.9)),
    lambda lib: lib.optim.Adamax([leaf(lib)], eps=-1),
    lambda lib: lib.optim.Adamax([leaf(lib)], weight_decay=-1),
    lambda lib: lib.optim.Adadelta([leaf(lib)], lr=-1),
    lambda lib: lib.optim.Adadelta([leaf(lib)], rho=1.1),
    lambda lib: lib.optim.Adadelta([leaf(lib)], eps=-1),
    lambda lib: lib.optim.Adadelta([leaf(lib)], weight_decay=-1),
    lambda lib: lib.optim.Rprop([leaf(lib)], lr=-1),
    lambda lib: lib.optim.Rprop([leaf(lib)], etas=(1.1, 1.2)),
    lambda lib: lib.optim.Rprop([leaf(lib)], etas=(0.5, 0.9)),
    lambda lib: lib.optim.ASGD([leaf(lib)], lr=-1),
    lambda lib: lib.optim.ASGD([leaf(lib)], weight_decay=-1),
    lambda lib: lib.optim.Adafactor([leaf(lib)], lr=-1),
    lambda lib: lib.optim.Adafactor([leaf(lib)], beta2_decay=0.1),
    lambda lib: lib.optim.Adafactor([leaf(lib)], eps=(-1, 1)),
    lambda lib: lib.optim.Adafactor([leaf(lib)], eps=(None, -1)),
    lambda lib: lib.optim.Adafactor([leaf(lib)], d=0.5),
    lambda lib: lib.optim.Adafactor([leaf(lib)], weight_decay=-1),
    lambda lib: lib.optim.Adafactor([leaf(lib)], lr=lib.ones(2)),
    lambda lib: lib.optim.Muon([leaf(lib)]),
    lambda lib: lib.optim.Muon([matrix(lib)], lr=-1),
    lambda lib: lib.optim.Muon([matrix(lib)], momentum=-1),
    lambda lib: lib.optim.Muon([matrix(lib)], weight_decay=-1),
    lambda lib: lib.optim.Muon([matrix(lib)], adjust_lr_fn="x"),
    lambda lib: lib.optim.Muon([matrix(lib)], ns_steps=100).step(),
    lambda lib: lib.optim.Muon([matrix(lib)], ns_coefficients=(1, 2)).step(),
    lambda lib: lib.optim.LBFGS([leaf(lib)], lr=-1),
    lambda lib: lib.optim.LBFGS([leaf(lib)], lr=lib.ones(2)),
    lambda lib: lib.optim.LBFGS([{"params": [leaf(lib)]}, {"params": [leaf(lib)]}]),
    lambda lib: lib.optim.LBFGS([leaf(lib)]).step(),
    lambda lib: lib.optim.LBFGS([leaf(lib)]).step(None),
    lambda lib: unknown_search(lib),
    lambda lib: lib.optim.Adam([leaf(lib)], foreach=True, fused=True),
    lambda lib: lib.optim.Adam(leaf(lib)),
    lambda lib: lib.optim.Adam([]),
    lambda lib: lib.optim.Adam([3]),
    lambda lib: lib.optim.Adam([leaf(lib) * 2]),
    lambda lib: lib.optim.Adam([{"params": {leaf(lib)}}]),
    lambda lib: lib.optim.Adam([{"lr": 1}]),
    lambda lib: lib.optim.Adam([leaf(lib)], lr=lib.tensor([0.1, 0.2])),
    lambda lib: lib.optim.Adam([leaf(lib)], betas=(lib.tensor(0.9), 0.9)),
    lambda lib: lib.optim.Adam([("w", leaf(lib)), leaf(lib)]),
    lambda lib: lib.optim.Adam([leaf(lib)]).add_param_group([leaf(lib)]),
    lambda lib: lib.optim.Adam([leaf(lib)]).add_param_group({"params": [("w", leaf(lib))]}),
    lambda lib: lib.optim.SGD([leaf(lib)], lr="a"),
    lambda lib: lib.optim.Optimizer([leaf(lib)], {}).step(),
    lambda lib: twice(lib),
    lambda lib: lib.optim.Adam([leaf(lib)]).load_state_dict({"state": {}, "param_groups": []}),
    lambda lib: lib.optim.Adam([leaf(lib)]).load_state_dict(lib.optim.Adam([leaf(lib), leaf(lib)]).state_dict()),
    lambda lib: lib.optim.Adam([leaf(lib)]).load_state_dict({}),
    lambda lib: lib.optim.Adam([leaf(lib)]).load_state_dict({"state": {}}),
    lambda lib: lib.optim.Adam([leaf(lib)]).load_state_dict({"param_groups": [{"params": [0]}]}),
    lambda lib: lib.optim.Adam([leaf(lib)]).load_state_dict({"state": {}, "param_groups": [{}]}),
    lambda lib: lib.optim.Adam([leaf(lib)], betas=0.9),
    lambda lib: lib.optim.Adam([leaf(lib)], unknown=3),
    lambda lib: lib.optim.Adam(3),
    lambda lib: lib.optim.Adam(),
    lambda lib: lib.optim.Adam([None]),
    lambda lib: lib.optim.Adam([{"params": leaf(lib) * 2}]),
    lambda lib: lib.optim.Adam([{"params": [3]}]),
    lambda lib: lib.optim.Adam([leaf(lib)]).add_param_group({}),
    lambda lib: lib.optim.Adam([leaf(lib)]).step(3),
    lambda lib: without_required(lib),
    lambda lib: swapped_in(lib, steps=0),
    lambda lib: swapped_in(lib, state=3),
    lambda lib: swapped_in(lib, state={}),
    lambda lib: swapped_in(lib, state={"state": {}}),
    lambda lib: swapped_in(lib, state={"state": {}, "param_groups": []}),
    lambda lib: swapped_in(lib, state={"state": {}, "param_groups": [3]}),
    lambda lib: swapped_in(lib, state={"state": {}, "param_groups": [{"params": [0, 1]}]}),
    lambda lib: swapped_in(lib, count=1),
    lambda lib: swapped_in(lib, extra={7: {}}),
    lambda lib: swapped_in(lib, extra={0: 3}),
]


def without_required(lib):
    lib.optim.Optimizer([leaf(lib)], {"lr": importlib.import_module(f"{lib.__name__}.optim.optimizer").required})


def unknown_search(lib):
    p = leaf(lib)
    p.grad = lib.ones(3)
    lib.optim.LBFGS([p], line_search_fn="x").step(lambda: p.sum())


def twice(lib):
    p = leaf(lib)
    lib.optim.Adam([{"params": [p]}, {"params": [p]}])


@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch)
    with pytest.raises(theirs.type):
        call(sparkle)


def test_duplicates_warn():
    for lib in (sparkle, torch):
        p = leaf(lib)
        with pytest.warns(UserWarning, match="duplicate parameters"):
            lib.optim.SGD([p, p])
