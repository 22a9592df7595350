"""SyncBatchNorm, CrossMapLRN2d, DataParallel, deprecated names, LinearCrossEntropyLoss, containers: against torch."""

from __future__ import annotations

import warnings
from collections import OrderedDict

import numpy as np
import pytest
import torch

import sparkle

LIBRARIES = (sparkle, torch)


def numbers(lib, *shape, seed=0, **options):
    return lib.tensor(np.random.default_rng(seed).normal(size=shape), **options)


def plain(x):
    return np.round(x.detach().numpy().astype(float), 6).tolist()


def synchronised(lib):
    """On one process it is batch normalisation, of inputs of any number of dims."""
    trace = []
    for options in ({}, {"momentum": None}, {"affine": False}, {"track_running_stats": False}, {"bias": False}):
        norm = lib.nn.SyncBatchNorm(3, dtype=lib.float64, **options)
        for shape in ((4, 3), (2, 3, 4), (2, 3, 2, 2, 2)):
            x = numbers(lib, *shape, requires_grad=True)
            norm(x).square().sum().backward()
            trace += [plain(norm(x)), plain(x.grad), plain(norm.eval()(x))]
            norm.train()
        trace += [repr(norm), {k: plain(v) for k, v in norm.state_dict().items()}]
    return trace


def converted(lib):
    nn = lib.nn
    model = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2), nn.ModuleList([nn.BatchNorm1d(2, affine=False)]))
    weight, mean = model[1].weight, model[1].running_mean
    model[1].eval()
    again = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    alone = nn.SyncBatchNorm.convert_sync_batchnorm(nn.BatchNorm3d(2, eps=1e-3, momentum=0.5, bias=False))
    shared = (again[1].weight is weight, again[1].running_mean is mean, again[1].training)
    return again is model, repr(again), shared, repr(alone), list(again.state_dict())


def across_maps(lib):
    """Torch's numbers, channel 0 included; see the class for the gradient."""
    x = numbers(lib, 2, 7, 2, 3)
    layers = [lib.nn.CrossMapLRN2d(size, 0.5, 0.75, 2) for size in (1, 2, 3, 4, 5, 9)]
    return [plain(layer(x)) for layer in layers], repr(layers[0]), repr(lib.nn.CrossMapLRN2d(5))


def deprecated(lib):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        container = lib.nn.Container(a=lib.nn.ReLU(), b=None)
        loss = lib.nn.NLLLoss2d(ignore_index=1, reduction="sum")
    x = numbers(lib, 2, 3, 2, 2)
    y = lib.tensor([[[0, 1], [2, 2]], [[1, 1], [0, 0]]])
    kinds = [
        w.category.__name__
        for w in caught
        if "has been deprecated" in str(w.message) or "`nn.Container`" in str(w.message)
    ]
    return repr(container), repr(loss), plain(loss(x, y)), kinds[0], kinds[-1]


def linear_and_loss(lib):
    trace = []
    for options in (
        {},
        {"bias": True, "label_smoothing": 0.1},
        {"ignore_index": 2, "reduction": "sum"},
        {"out_features": (2,)},
    ):
        loss = lib.nn.LinearCrossEntropyLoss(3, 4, dtype=lib.float64, **options)
        with lib.no_grad():
            for i, p in enumerate(loss.parameters()):
                p.copy_(numbers(lib, *p.shape, seed=i))
        x = numbers(lib, 5, 3, requires_grad=True)
        y = lib.tensor(np.random.default_rng(1).integers(0, 4, (5, *options.get("out_features", ()))))
        value = loss(x, y)
        value.backward()
        trace += [repr(loss), list(loss.state_dict()), plain(value), plain(x.grad), plain(loss.linear.weight.grad)]
    weighted = lib.nn.LinearCrossEntropyLoss(3, 2, weight=lib.tensor([1.0, 2.0]))
    return [*trace, list(weighted.state_dict()), repr(weighted)]


def parallel(lib):
    model = lib.nn.DataParallel(lib.nn.Sequential(lib.nn.Linear(2, 1), lib.nn.ReLU()))
    shapes = tuple(model(lib.zeros(3, 2)).shape), tuple(model(input=lib.zeros(3, 2)).shape)
    same = lib.nn.parallel.DataParallel is lib.nn.DataParallel
    return repr(model), list(model.state_dict()), shapes, type(model.module).__name__, model.device_ids, same


def show(container):
    return [(name, type(module).__name__) for name, module in container.named_children()]


def sequences(lib):
    nn = lib.nn
    s = nn.Sequential(nn.ReLU(), nn.Tanh())
    s *= 2
    trace = [show(s), s[0] is s[2], show(2 * s), show(s * 1)]
    s += nn.Sequential(nn.ELU())
    trace += [show(s), show(s.pop(slice(0, 2))), show(s), type(s.pop(-1)).__name__, show(s)]
    s.extend(nn.ModuleList([nn.GELU(), nn.SiLU()]))
    s.insert(-1, nn.Mish())
    trace += [show(s), show(s[-2:]), [type(m).__name__ for m in s], "0" in dir(s)]
    del s[-1]
    del s[1:3]
    s[-1] = nn.CELU()
    named = nn.Sequential(OrderedDict(a=nn.ReLU(), b=nn.Tanh()))
    named.append(nn.ELU())
    return [*trace, show(s), repr(s), show(named), show(named[:1]), type(named.b).__name__, type(named[-1]).__name__]


def lists(lib):
    nn = lib.nn
    items = nn.ModuleList(m for m in (nn.ReLU(), nn.ReLU(), nn.Tanh(), nn.ReLU()))
    trace = [repr(items), show(items.pop(slice(1, 3))), show(items), show(items + nn.ModuleList([nn.ELU()]))]
    items[0] = nn.Mish()
    items.extend(())
    items.insert(1, nn.CELU())
    del items[-1:]
    named = nn.ModuleDict(OrderedDict(z=nn.ReLU(), a=nn.Tanh()))
    named.update({"m": nn.ELU(), "b": nn.GELU()})
    named.update(nn.ModuleDict({"z": nn.SiLU()}))
    trace += [show(items), repr(nn.ModuleList()), show(named), list(named.keys()), len(list(named.values()))]
    del named["a"]
    return [*trace, repr(named), "a" in named, [k for k, _ in named.items()]]


def parameters(lib):
    nn, one = lib.nn, lib.ones(2)
    items = nn.ParameterList(one * i for i in range(4))
    del_like = [items[-1].tolist(), [p.tolist() for p in items[1:3]], len(items[::2])]
    items[1] = one * 7
    items.append("text")
    items += [nn.ParameterList([one])]
    trace = [*del_like, repr(items), [n for n, _ in items.named_parameters()]]
    named = nn.ParameterDict({"b": one, "a": one * 2})
    named |= {"z": one, "c": 3}
    both = named | nn.ParameterDict({"a": one * 9, "q": one})
    plain_dict = {"k": 1} | named
    trace += [list(named), repr(named), list(both), both["a"].tolist(), type(both).__name__, type(plain_dict).__name__]
    trace += [list(plain_dict), list(reversed(named)), named.setdefault("new", one).tolist(), named.setdefault("c", 4)]
    trace += [named.get("no", 5), named.popitem()[0], named.pop("z").tolist(), list(named.copy()), len(named)]
    filled = named.fromkeys(["p", "q"], one)
    trace += [list(filled), filled["p"].tolist(), type(filled["p"]).__name__, [n for n, _ in filled.named_parameters()]]
    trace += [named.fromkeys("xy")["x"], next(iter(named.values())).tolist(), [k for k, _ in named.items()]]
    del named["c"]
    named.clear()
    return [*trace, len(named), repr(named)]


PROGRAMS = [synchronised, converted, across_maps, deprecated, linear_and_loss, parallel, sequences, lists, parameters]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(program):
    ours, theirs = program(sparkle), program(torch)
    assert str(ours).replace("sparkle.", "torch.") == str(theirs)


MISUSE = [
    lambda lib: lib.nn.SyncBatchNorm(3)(lib.zeros(3)),
    lambda lib: lib.nn.SyncBatchNorm(3)(lib.zeros(3, 0, 2)),
    lambda lib: lib.nn.CrossMapLRN2d(3)(lib.zeros(3, 2, 2)),
    lambda lib: lib.nn.LinearCrossEntropyLoss(3, 4, weight=lib.ones(3)),
    lambda lib: lib.nn.LinearCrossEntropyLoss(3, 4, label_smoothing=1.5),
    lambda lib: lib.nn.LinearCrossEntropyLoss(3, 4)(lib.zeros(2, 4), lib.zeros(2).long()),
    lambda lib: lib.nn.LinearCrossEntropyLoss(3, 4, ignore_index=1)(lib.zeros(2, 3), lib.zeros(2, 4)),
    lambda lib: lib.nn.Sequential(lib.nn.ReLU()).pop(3),
    lambda lib: lib.nn.Sequential(lib.nn.ReLU()).__imul__(0),
    lambda lib: lib.nn.Sequential(lib.nn.ReLU()).__imul__(1.5),
    lambda lib: lib.nn.Sequential(lib.nn.ReLU()).__iadd__([lib.nn.ReLU()]),
    lambda lib: lib.nn.Sequential(lib.nn.ReLU()).append(3),
    lambda lib: lib.nn.Sequential(lib.nn.ReLU())["a"],
    lambda lib: lib.nn.ModuleList([lib.nn.ReLU()]).pop(3),
    lambda lib: lib.nn.ModuleList([lib.nn.ReLU()]).append(3),
    lambda lib: lib.nn.ModuleDict({"a": 3}),
    lambda lib: lib.nn.ModuleDict({"a": lib.nn.ReLU()}).pop("b"),
    lambda lib: lib.nn.ParameterList([lib.ones(1)])[3],
    lambda lib: lib.nn.ParameterList([lib.ones(1)]).extend(lib.ones(1)),
    lambda lib: lib.nn.ParameterDict({"a": lib.ones(1)}).pop("b"),
    lambda lib: lib.nn.ParameterDict().popitem(),
    lambda lib: lib.nn.ParameterDict({"a": lib.ones(1)})(3),
    lambda lib: lib.nn.ParameterDict().update(3),
    lambda lib: lib.nn.Container(a=3),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:`nn.Container`:FutureWarning")
@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch)
    with pytest.raises(theirs.type) as ours:
        call(sparkle)
    assert str(ours.value)
