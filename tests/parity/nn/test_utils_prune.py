"""nn.utils.prune against torch: the same programs, traces and classes of errors."""

from __future__ import annotations

import copy

import pytest

from tests.parity.traces import check_misuse, check_program, filled, gradients, numbers


def prune(lib):
    import importlib

    return importlib.import_module(f"{lib.__name__}.nn.utils.prune")


def conv(lib):
    return filled(lib, lib.nn.Conv2d(4, 3, 2))


def hooks(module):
    return [getattr(hook, "function", hook) for hook in module._forward_pre_hooks.values()]


def seen(lib, m, name="weight"):
    """What a program can see of a pruned convolution, and what its gradients are."""
    m.zero_grad()
    y = m(numbers(lib, 1, 4, 3, 3, seed=9))
    y.pow(2).sum().backward()
    kept = getattr(m, name)
    return [
        y, kept, kept.is_leaf, gradients(m), m.state_dict(), [type(h).__name__ for h in hooks(m)], repr(m),
        prune(lib).is_pruned(m), prune(lib).is_pruned(lib.nn.Sequential(m)), [n for n, _ in m.named_buffers()],
    ]  # fmt: skip


WAYS = {
    "identity": lambda p, m, name: p.identity(m, name),
    "l1": lambda p, m, name: p.l1_unstructured(m, name, amount=2),
    "l1 part": lambda p, m, name: p.l1_unstructured(m, name, 0.3),
    "l1 none": lambda p, m, name: p.l1_unstructured(m, name, 0),
    "l1 all": lambda p, m, name: p.l1_unstructured(m, name, 1.0),
    "random none": lambda p, m, name: p.random_unstructured(m, name, amount=0.0),
    "random all": lambda p, m, name: p.random_unstructured(m, name, amount=1.0),
    "class": lambda p, m, name: p.L1Unstructured.apply(m, name, 0.5),
}


@pytest.mark.parametrize("name", ["weight", "bias"])
@pytest.mark.parametrize("way", WAYS)
def test_unstructured(way, name):
    def program(lib):
        m, p = conv(lib), prune(lib)
        original = getattr(m, name)
        WAYS[way](p, m, name)
        trace = [seen(lib, m, name), getattr(m, f"{name}_orig") is original]
        p.remove(m, name)
        return [*trace, seen(lib, m, name), getattr(m, name) is original]

    check_program(program)


@pytest.mark.parametrize("amount", [0, 1, 2, 0.5, 0.4])
@pytest.mark.parametrize("dim", [0, 1, 3, -1, -3])
@pytest.mark.parametrize("n", [1, 2, float("inf"), -float("inf"), 3.5])
def test_ln_structured(n, dim, amount):
    def program(lib):
        m = conv(lib)
        m.weight.data = numbers(lib, 3, 4, 3, 2, seed=11)
        prune(lib).ln_structured(m, "weight", amount, n, dim)
        return [m.weight, m.state_dict()]

    check_program(program)


def counts(lib):
    """Random pruning: how many, and that whole channels go."""
    p, m = prune(lib), lib.nn.Linear(10, 8)
    trace = []
    for amount in (5, 0.25, 0.31):
        p.random_unstructured(m, "weight", amount)
        trace.append(int(m.weight_mask.sum()))
    for dim, amount in ((0, 2), (-1, 0.3), (1, 3), (0, 0)):
        m = lib.nn.Linear(10, 8)
        p.random_structured(m, "weight", amount, dim)
        trace += [sorted(m.weight_mask.sum(0).tolist()), sorted(m.weight_mask.sum(1).tolist())]
    p.random_structured(m, "weight", 0.5, dim=1)
    p.random_structured(m, "weight", 0.5, dim=1)
    return [*trace, sorted(m.weight_mask.sum(0).tolist()), int(m.weight_mask.sum())]


def repeatedly(lib):
    m, p = conv(lib), prune(lib)
    p.l1_unstructured(m, "weight", 0.3)
    first = hooks(m)[0]
    p.l1_unstructured(m, "weight", 7)
    container = hooks(m)[0]
    trace = [seen(lib, m), len(container), container[0] is first, type(container[1]).__name__]
    p.ln_structured(m, "weight", 1, 2, 1)
    p.ln_structured(m, "weight", 0.5, 1, 0)
    trace += [seen(lib, m), hooks(m)[0] is container, [type(x).__name__ for x in container]]
    p.custom_from_mask(m, "weight", (numbers(lib, 3, 4, 2, 2) > 0).long())
    p.identity(m, "weight")
    p.l1_unstructured(m, "bias", 1)
    trace += [seen(lib, m), len(hooks(m))]
    p.remove(m, "weight")
    return [*trace, seen(lib, m), seen(lib, p.remove(m, "bias"))]


def norms_of_matrices(lib):
    trace = []
    for n in ("fro", "nuc"):
        m = filled(lib, lib.nn.Conv1d(4, 3, 2))
        prune(lib).ln_structured(m, "weight", 0.5, n, dim=1)
        trace.append(m.weight)
    return trace


def channels_again(lib):
    """A part of the channels is a part of those that are left."""
    m, trace = conv(lib), []
    for amount, dim in ((0.5, 1), (0.5, 1), (1, 1), (0.4, 0), (0.5, -4)):
        prune(lib).ln_structured(m, "weight", amount, 2, dim)
        trace.append(m.weight)
    return trace


def by_importance(lib):
    m, p = conv(lib), prune(lib)
    scores = numbers(lib, 3, 4, 2, 2, seed=13)
    p.l1_unstructured(m, "weight", 5, importance_scores=scores)
    p.ln_structured(m, "weight", 1, 1, 0, importance_scores=scores)
    method = p.L1Unstructured(3)
    t = numbers(lib, 2, 3)
    return [
        m.weight, m.weight_mask, method.prune(t), method.prune(t, importance_scores=-1 / t),
        method.prune(t, default_mask=(t > 0).double()), p.LnStructured(1, 2, 0).prune(t), method.amount,
        p.CustomFromMask(t > 0).prune(t), p.Identity().prune(t),
    ]  # fmt: skip


def everywhere(lib):
    p = prune(lib)
    net = filled(lib, lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.ReLU(), lib.nn.Linear(4, 2)))
    places = [(net[0], "weight"), (net[2], "weight"), (net[0], "bias")]
    trace = [p.global_unstructured(places, pruning_method=p.L1Unstructured, amount=0.4), net.state_dict()]
    p.global_unstructured(tuple(places[:2]), p.L1Unstructured, amount=3)
    trace.append(net.state_dict())
    scores = {(net[2], "weight"): numbers(lib, 2, 4, seed=21)}
    p.global_unstructured(places, p.L1Unstructured, importance_scores=scores, amount=2)
    p.global_unstructured(places, p.RandomUnstructured, amount=2)
    y = net(numbers(lib, 2, 3))
    left = sum(int(mask.sum()) for mask in net.buffers())
    return [*trace, left, [len(h) for m in (net[0], net[2]) for h in hooks(m)], list(net.state_dict()), y.shape]


def own_method(lib):
    p = prune(lib)

    class EveryOther(p.BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    m = conv(lib)
    EveryOther.apply(m, "weight")
    EveryOther.apply(m, "weight")
    return [seen(lib, m), len(hooks(m)[0])]


def containers(lib):
    p = prune(lib)
    container = p.PruningContainer()
    container._tensor_name = "test"
    one = p.L1Unstructured(2)
    one._tensor_name = "test"
    container.add_pruning_method(one)
    two = p.PruningContainer(one)
    t, mask = numbers(lib, 3, 3), lib.ones(3, 3, dtype=lib.float64)
    mask[0] = 0
    return [
        len(container), list(container) == [one], container[0] is one, len(two), two._tensor_name,
        two.compute_mask(t, mask), container[:1] == (one,),
    ]  # fmt: skip


def saved_and_copied(lib):
    p, a, b = prune(lib), conv(lib), conv(lib)
    p.l1_unstructured(a, "weight", 0.5)
    p.identity(b, "weight")
    trace = [str(b.load_state_dict(a.state_dict())), seen(lib, b)]
    optimizer = lib.optim.SGD(b.parameters(), lr=0.1)
    for step in range(3):
        optimizer.zero_grad()
        b(numbers(lib, 1, 4, 3, 3, seed=step)).pow(2).mean().backward()
        optimizer.step()
    p.remove(b, "weight")
    twin = copy.deepcopy(p.remove(a, "weight"))
    return [*trace, seen(lib, b), seen(lib, twin), p.is_pruned(twin)]


def pruned_recurrent(lib):
    m = filled(lib, lib.nn.LSTM(2, 3))
    prune(lib).l1_unstructured(m, "weight_ih_l0", 0.5)
    y, _ = m(numbers(lib, 4, 1, 2))
    y.sum().backward()
    return [y, gradients(m), list(m.state_dict())]


PROGRAMS = [
    counts, repeatedly, norms_of_matrices, channels_again, by_importance, everywhere, own_method, containers,
    saved_and_copied, pruned_recurrent,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(program):
    check_program(program)


def over(lib, **options):
    net = lib.nn.Linear(3, 3)
    options = {"parameters": [(net, "weight")], "pruning_method": prune(lib).L1Unstructured, "amount": 1, **options}
    prune(lib).global_unstructured(**options)


def contained(lib, method, name):
    container = prune(lib).PruningContainer()
    container._tensor_name = "test"
    if hasattr(method, "compute_mask"):
        method._tensor_name = name
    container.add_pruning_method(method)


def strange(lib, kind, **fields):
    p = prune(lib)
    body = {"PRUNING_TYPE": kind, "compute_mask": lambda self, t, default_mask: default_mask, **fields}
    method = type("Strange", (p.BasePruningMethod,), body)
    m = lib.nn.Linear(3, 3)
    p.identity(m, "weight")
    method.apply(m, "weight")


MISUSE = {
    "abstract": lambda L: prune(L).BasePruningMethod(),
    "amount word": lambda L: prune(L).L1Unstructured("a"),
    "amount none": lambda L: prune(L).RandomUnstructured(None),
    "amount above": lambda L: prune(L).RandomStructured(1.5),
    "amount below": lambda L: prune(L).LnStructured(-0.5, 1),
    "amount negative": lambda L: prune(L).L1Unstructured(-1),
    "too many": lambda L: prune(L).l1_unstructured(L.nn.Linear(2, 2), "weight", 5),
    "too many at random": lambda L: prune(L).random_unstructured(L.nn.Linear(2, 2), "weight", 5),
    "too many channels": lambda L: prune(L).ln_structured(L.nn.Linear(2, 2), "weight", 3, 2, 0),
    "too many channels at random": lambda L: prune(L).random_structured(L.nn.Linear(2, 2), "weight", 3, 0),
    "channels of a vector": lambda L: prune(L).ln_structured(L.nn.Linear(2, 2), "bias", 1, 2, 0),
    "random channels of a vector": lambda L: prune(L).random_structured(L.nn.Linear(2, 2), "bias", 1, 0),
    "dim": lambda L: prune(L).ln_structured(L.nn.Linear(2, 2), "weight", 1, 2, 2),
    "random dim": lambda L: prune(L).random_structured(L.nn.Linear(2, 2), "weight", 1, 2),
    "negative dim": lambda L: prune(L).ln_structured(L.nn.Linear(2, 2), "weight", 1, 2, -3),
    "norm": lambda L: prune(L).ln_structured(L.nn.Linear(2, 2), "weight", 1, "max", 0),
    "no such name": lambda L: prune(L).identity(L.nn.Linear(2, 2), "w"),
    "a buffer": lambda L: prune(L).identity(L.nn.BatchNorm1d(2), "running_mean"),
    "no bias": lambda L: prune(L).identity(L.nn.Linear(2, 2, bias=False), "bias"),
    "mask shape": lambda L: prune(L).custom_from_mask(L.nn.Linear(2, 2), "weight", L.ones(3)),
    "scores shape": lambda L: prune(L).l1_unstructured(L.nn.Linear(2, 2), "weight", 1, L.ones(3)),
    "scores shape of prune": lambda L: prune(L).L1Unstructured(1).prune(L.ones(2), importance_scores=L.ones(3)),
    "remove": lambda L: prune(L).remove(L.nn.Linear(2, 2), "weight"),
    "remove other": lambda L: prune(L).remove(prune(L).identity(L.nn.Linear(2, 2), "weight"), "bias"),
    "global no iterable": lambda L: over(L, parameters=3),
    "global nothing": lambda L: over(L, parameters=[]),
    "global scores": lambda L: over(L, importance_scores=[1]),
    "global structured": lambda L: over(L, pruning_method=prune(L).RandomStructured),
    "global amount": lambda L: over(L, amount=10),
    "container type": lambda L: contained(L, "l1", ""),
    "container name": lambda L: contained(L, prune(L).L1Unstructured(1), "other"),
    "type of pruning": lambda L: strange(L, "odd"),
    "structured without dim": lambda L: strange(L, "structured"),
    "structured outside": lambda L: strange(L, "structured", dim=-3),
    "unapplied": lambda L: prune(L).Identity().apply_mask(L.nn.Linear(2, 2)),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse(name):
    check_misuse(MISUSE[name])
