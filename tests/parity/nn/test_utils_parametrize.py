"""nn.utils.parametrize against torch: the same programs, traces, names, and classes of errors."""

from __future__ import annotations

import copy
import pickle

import pytest

from tests.parity.traces import check_misuse, check_program, filled, gradients, numbers


def parts(lib):
    """Parametrizations as programs write them, and the module of functions to register them."""
    nn = lib.nn

    class Symmetric(nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).mT

        def right_inverse(self, x):
            return x.triu()

    class Exp(nn.Module):
        def forward(self, x):
            return x.exp()

        def right_inverse(self, x):
            return x.log()

    class Shift(nn.Module):
        def __init__(self, by=1.0):
            super().__init__()
            self.by = nn.Parameter(lib.tensor(by, dtype=lib.float64))

        def forward(self, x):
            return x + self.by

    class Product(nn.Module):
        def forward(self, a, b):
            return a.unsqueeze(-1) * b.unsqueeze(-2)

        def right_inverse(self, x):
            return x[:, 0] * 1.0, x[0] / x[0, 0]

    class Undecided(Symmetric):
        def right_inverse(self, x):
            raise NotImplementedError

    class Parts:
        P = nn.utils.parametrize

    for kind in (Symmetric, Exp, Shift, Product, Undecided):
        setattr(Parts, kind.__name__, kind)
    return Parts


def linear(lib, inputs=3, outputs=3):
    return filled(lib, lib.nn.Linear(inputs, outputs))


def seen(lib, m, x=None):
    """What a program can see of a module, and what its gradients are."""
    m.zero_grad()
    y = m(numbers(lib, 2, 3, seed=7) if x is None else x)
    y.pow(2).sum().backward()
    return [
        y, gradients(m), m.state_dict(), repr(m), type(m).__name__, [n for n, _ in m.named_modules()],
        [n for n, _ in m.named_buffers()],
    ]  # fmt: skip


def one(lib):
    t = parts(lib)
    m = linear(lib)
    same = m.weight
    returned = t.P.register_parametrization(m, "weight", t.Symmetric())
    trace = [
        returned is m, m.parametrizations.weight.original is same, seen(lib, m), t.P.is_parametrized(m),
        t.P.is_parametrized(m, "weight"), t.P.is_parametrized(m, "bias"), t.P.is_parametrized(lib.nn.ReLU()),
        t.P.type_before_parametrizations(m).__name__, isinstance(m, lib.nn.Linear), "weight" in dir(m),
        t.P.type_before_parametrizations(lib.nn.ReLU()).__name__, hasattr(m, "parametrizations"),
    ]  # fmt: skip
    m.weight = 2 * lib.ones(3, 3, dtype=lib.float64)
    trace += [m.weight, m.parametrizations.weight.original]
    t.P.remove_parametrizations(m, "weight")
    return [*trace, m.weight is same, seen(lib, m), hasattr(m, "parametrizations")]


def without_right_inverse(lib):
    t = parts(lib)
    m = linear(lib)
    t.P.register_parametrization(m, "weight", t.Shift(2.0))
    trace = seen(lib, m)
    t.P.remove_parametrizations(m, "weight", leave_parametrized=False)
    return [trace, seen(lib, m)]


def undecided(lib):
    t = parts(lib)
    m = linear(lib)
    t.P.register_parametrization(m, "weight", t.Undecided())
    return seen(lib, m)


def chained(lib):
    t = parts(lib)
    m = linear(lib)
    t.P.register_parametrization(m, "weight", t.Symmetric())
    t.P.register_parametrization(m, "weight", t.Exp())
    trace = [seen(lib, m), len(m.parametrizations.weight), m.parametrizations.weight.unsafe]
    m.weight = numbers(lib, 3, 3).pow(2) + numbers(lib, 3, 3).pow(2).T + 1
    trace.append([m.weight, m.state_dict()])
    t.P.register_parametrization(m, "weight", t.Shift())
    return [*trace, seen(lib, m)]


def several_originals(lib):
    t = parts(lib)
    m = linear(lib)
    t.P.register_parametrization(m, "weight", t.Product())
    trace = [seen(lib, m), m.parametrizations.weight.is_tensor, m.parametrizations.weight.ntensors]
    m.weight = lib.ones(3, 3, dtype=lib.float64)
    t.P.register_parametrization(m, "weight", t.Shift())
    trace.append(seen(lib, m))
    t.P.remove_parametrizations(m, "weight")
    return [*trace, seen(lib, m), type(m.weight).__name__]


def several_tensors(lib):
    t = parts(lib)
    m = linear(lib)
    m.register_buffer("table", numbers(lib, 3, 3, seed=9))
    t.P.register_parametrization(m, "weight", t.Symmetric())
    t.P.register_parametrization(m, "bias", t.Shift())
    t.P.register_parametrization(m, "table", t.Symmetric())
    trace = [seen(lib, m), m.table, m.parametrizations.table.original]
    t.P.remove_parametrizations(m, "weight")
    trace.append([seen(lib, m), m.table])
    t.P.remove_parametrizations(m, "table")
    t.P.remove_parametrizations(m, "bias")
    return [*trace, seen(lib, m), m.table, type(m).__name__]


def frozen(lib):
    t = parts(lib)
    m = linear(lib)
    m.weight.requires_grad_(False)
    t.P.register_parametrization(m, "weight", t.Product())
    trace = [m.weight, m.state_dict(keep_vars=True)]
    t.P.remove_parametrizations(m, "weight")
    return [*trace, m.weight, [n for n, _ in m.named_parameters()], [n for n, _ in m.named_buffers()]]


def unsafe(lib):
    class Wide(lib.nn.Module):
        def forward(self, x):
            return lib.cat([x, x]).float()

    t = parts(lib)
    m = linear(lib)
    t.P.register_parametrization(m, "weight", Wide(), unsafe=True)
    t.P.register_parametrization(m, "weight", t.Shift())
    return [m.weight, m.parametrizations.weight.unsafe, m.state_dict()]


def modes(lib):
    t = parts(lib)
    m = linear(lib).eval()
    t.P.register_parametrization(m, "weight", t.Symmetric())
    trace = [m.parametrizations.weight[0].training]
    m.train()
    return [*trace, m.parametrizations.weight[0].training, m.float().weight, m.requires_grad_(False).weight]


def caching(lib):
    calls = []

    class Counting(lib.nn.Module):
        def forward(self, x):
            calls.append(1)
            return x * 2

    t = parts(lib)
    m = linear(lib)
    t.P.register_parametrization(m, "weight", Counting(), unsafe=True)
    trace = []
    with t.P.cached():
        with t.P.cached():
            trace.append(m.weight is m.weight)
        trace += [m.weight is m.weight, len(calls)]
        twice = m(numbers(lib, 2, 3)) + m(numbers(lib, 2, 3, seed=1))
        twice.sum().backward()
    trace += [gradients(m), len(calls), m.weight is m.weight, len(calls)]
    return trace


def copies(lib):
    t = parts(lib)
    m = linear(lib)
    t.P.register_parametrization(m, "weight", t.Symmetric())
    twin = copy.deepcopy(m)
    with lib.no_grad():
        twin.parametrizations.weight.original.add_(1.0)
    trace = [seen(lib, m), seen(lib, twin), type(twin).__name__]
    whole = copy.deepcopy(lib.nn.Sequential(m, lib.nn.ReLU()))
    return [*trace, seen(lib, whole)]


def loading(lib):
    t = parts(lib)
    a, b = linear(lib), linear(lib)
    for m in (a, b):
        t.P.register_parametrization(m, "weight", t.Symmetric())
    with lib.no_grad():
        a.parametrizations.weight.original.mul_(3.0)
    outcome = b.load_state_dict(a.state_dict())
    return [str(outcome), seen(lib, b), b.weight.equal(a.weight)]


def training(lib):
    t = parts(lib)
    m = linear(lib)
    optimizer = lib.optim.SGD(m.parameters(), lr=0.1, momentum=0.9)
    t.P.register_parametrization(m, "weight", t.Symmetric())
    for step in range(4):
        optimizer.zero_grad()
        m(numbers(lib, 4, 3, seed=step)).pow(2).mean().backward()
        optimizer.step()
    t.P.remove_parametrizations(m, "weight")
    return seen(lib, m)


def transferred(lib):
    t = parts(lib)
    a, b, c = linear(lib), linear(lib), lib.nn.Module()
    t.P.register_parametrization(a, "weight", t.Symmetric())
    t.P.register_parametrization(a, "weight", t.Exp())
    t.P.register_parametrization(a, "bias", t.Shift())
    t.P.transfer_parametrizations_and_params(a, b, "weight")
    trace = [b.weight, b.state_dict(), b.parametrizations.weight.original is a.parametrizations.weight.original]
    t.P.transfer_parametrizations_and_params(a, c)
    d, e = linear(lib), linear(lib, 2, 3)
    t.P.register_parametrization(d, "weight", t.Product())
    filled_again = t.P.transfer_parametrizations_and_params(d, linear(lib))
    plain_one = t.P.transfer_parametrizations_and_params(e, linear(lib))
    return [*trace, c.weight, c.bias, c.state_dict(), filled_again.state_dict(), plain_one.state_dict()]


def buffer_of_a_layer(lib):
    t = parts(lib)
    m = lib.nn.Sequential(linear(lib), lib.nn.BatchNorm1d(3).double())
    t.P.register_parametrization(m[1], "running_var", t.Exp())
    return [m.eval()(numbers(lib, 2, 3)), m.state_dict()]


def stateless(lib):
    t = parts(lib)
    m = linear(lib)
    t.P.register_parametrization(m, "weight", t.Symmetric())
    before = m.parametrizations.weight.original.detach().clone()
    given = {"parametrizations.weight.original": numbers(lib, 3, 3, seed=4)}
    trace = [lib.func.functional_call(m, given, numbers(lib, 2, 3))]
    return [*trace, before.equal(m.parametrizations.weight.original)]


PROGRAMS = [
    one, without_right_inverse, undecided, chained, several_originals, several_tensors, frozen, unsafe, modes, caching,
    copies, loading, training, transferred, buffer_of_a_layer, stateless,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(program):
    check_program(program)


def of(lib, forward, right_inverse=None):
    """A parametrization made of functions."""
    body = {"forward": lambda self, *x: forward(*x)}
    if right_inverse is not None:
        body["right_inverse"] = lambda self, x: right_inverse(x)
    return type("Made", (lib.nn.Module,), body)()


def register(lib, forward, right_inverse=None, module=None, **options):
    m = linear(lib) if module is None else module
    return lib.nn.utils.parametrize.register_parametrization(m, "weight", of(lib, forward, right_inverse), **options)


def again(lib, forward, right_inverse=None):
    return register(lib, forward, right_inverse, module=register(lib, lambda x: x * 2, lambda x: x / 2))


def assigned(lib, *stages):
    """A right_inverse that gives another thing at each call."""
    answers = iter(stages)
    m = register(lib, lambda *x: x[0] if len(x) == 1 else sum(x), lambda x: next(answers)(x), unsafe=True)
    m.weight = lib.ones(3, 3, dtype=lib.float64)


P = {
    "no such tensor": lambda L: parts(L).P.register_parametrization(linear(L), "w", parts(L).Exp()),
    "not a module": lambda L: parts(L).P.register_parametrization(linear(L), "weight", lambda x: x),
    "shape": lambda L: register(L, lambda x: x[0]),
    "dtype": lambda L: register(L, lambda x: x.float()),
    "no tensor": lambda L: register(L, lambda x: 3),
    "inverse dtype": lambda L: register(L, lambda x: x, lambda x: x.float()),
    "inverse no tensor": lambda L: register(L, lambda x: x, lambda x: 3),
    "inverse no tensors": lambda L: register(L, lambda x, y: x, lambda x: (x, 3)),
    "second shape": lambda L: again(L, lambda x: x[0]),
    "second dtype": lambda L: again(L, lambda x: x.float()),
    "second no tensor": lambda L: again(L, lambda x: 3),
    "second inverse shape": lambda L: again(L, lambda x: x, lambda x: x[0]),
    "second inverse dtype": lambda L: again(L, lambda x: x, lambda x: x.float()),
    "second inverse no tensor": lambda L: again(L, lambda x: x, lambda x: (x, x)),
    "assign without inverse": lambda L: setattr(register(L, lambda x: x), "weight", L.zeros(3, 3)),
    "assign parameter": lambda L: setattr(register(L, lambda x: x), "weight", L.nn.Parameter(L.zeros(3, 3))),
    "assign other dtype": lambda L: setattr(register(L, lambda x: x, lambda x: x), "weight", L.zeros(3, 3)),
    "assign no tensor": lambda L: setattr(register(L, lambda x: x, lambda x: x), "weight", 3),
    "assign fewer": lambda L: assigned(L, lambda x: (x, x), lambda x: (x,)),
    "assign one": lambda L: assigned(L, lambda x: (x, x), lambda x: 3),
    "assign dtype of one": lambda L: assigned(L, lambda x: (x, x), lambda x: (x, x.float())),
    "assign one no tensor": lambda L: assigned(L, lambda x: (x, x), lambda x: (x, 3)),
    "remove none": lambda L: parts(L).P.remove_parametrizations(linear(L), "weight"),
    "remove other": lambda L: parts(L).P.remove_parametrizations(register(L, lambda x: x), "bias"),
    "remove several": lambda L: parts(L).P.remove_parametrizations(
        register(L, lambda x, y: x + y, lambda x: (x, x * 0)), "weight", leave_parametrized=False
    ),
    "empty list": lambda L: parts(L).P.ParametrizationList([], L.ones(1)),
    "pickle": lambda L: pickle.dumps(register(L, lambda x: x)),
    "strict": lambda L: register(L, lambda x: x).load_state_dict(linear(L).state_dict()),
    "positional unsafe": lambda L: parts(L).P.register_parametrization(linear(L), "weight", parts(L).Exp(), True),
}


@pytest.mark.parametrize("name", P)
def test_misuse(name):
    check_misuse(P[name])
