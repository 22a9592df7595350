"""Weight norm, spectral norm and orthogonal parametrizations against torch, the hooks and the parametrizations."""

from __future__ import annotations

import copy

import pytest

from tests.parity.traces import check_misuse, check_program, filled, gradients, numbers

LAYERS = {
    "linear": (lambda nn: nn.Linear(3, 4), (2, 3)),
    "conv1d": (lambda nn: nn.Conv1d(2, 3, 2), (2, 2, 5)),
    "conv2d": (lambda nn: nn.Conv2d(4, 6, 2, groups=2), (2, 4, 4, 4)),
    "conv transpose": (lambda nn: nn.ConvTranspose2d(2, 3, 2), (2, 2, 3, 3)),
    "embedding bag": (lambda nn: nn.Bilinear(2, 2, 3), None),
}


def made(lib, layer):
    """The layer, and a function that calls it."""
    make, shape = LAYERS[layer]
    module = filled(lib, make(lib.nn))
    inputs = [numbers(lib, *shape, seed=5)] if shape else [numbers(lib, 2, 2, seed=5), numbers(lib, 2, 2, seed=6)]
    return module, lambda: module(*inputs)


def run(module, call):
    """Three steps of plain gradient descent, and all that is seen at each."""
    trace = [repr(module), list(module.state_dict()), [n for n, _ in module.named_parameters()]]
    for _ in range(3):
        module.zero_grad()
        y = call()
        y.pow(2).mean().backward()
        trace.append([y, gradients(module), module.weight])
        for p in module.parameters():
            p.data = p.data - 0.1 * p.grad
    module.eval()
    return [*trace, call(), module.state_dict()]


def same_vectors(lib, module, names):
    """Random starting vectors made equal in both libraries."""
    for i, (name, buffer) in enumerate(module.named_buffers()):
        if name.rsplit(".", 1)[-1] in names:
            v = numbers(lib, *buffer.shape, seed=20 + i)
            buffer.copy_(v / v.norm())


@pytest.mark.parametrize("dim", [0, 1, -1, None, -2])
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("way", ["hook", "parametrization"])
def test_weight_norm(way, layer, dim):
    def program(lib):
        utils = lib.nn.utils
        module, call = made(lib, layer)
        put, take = utils.parametrizations.weight_norm, utils.parametrize.remove_parametrizations
        if way == "hook":
            put, take = utils.weight_norm, lambda m, name: utils.remove_weight_norm(m, name)
        returned = put(module, "weight", dim=dim)
        trace = [returned is module, run(module, call)]
        returned = take(module, "weight")
        return [*trace, returned is module, run(module.train(), call), len(module._forward_pre_hooks)]

    check_program(program)


@pytest.mark.parametrize("options", [{}, {"n_power_iterations": 3}, {"dim": 1}, {"eps": 0.5}], ids=str)
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("way", ["hook", "parametrization"])
def test_spectral_norm(way, layer, options):
    def program(lib):
        utils = lib.nn.utils
        module, call = made(lib, layer)
        if way == "hook":
            utils.spectral_norm(module, **options)
            names = ("weight_u", "weight_v")
        else:
            utils.parametrizations.spectral_norm(module, **options)
            names = ("_u", "_v")
        same_vectors(lib, module, names)
        trace = run(module, call)
        if way == "hook":
            utils.remove_spectral_norm(module)
        else:
            utils.parametrize.remove_parametrizations(module, "weight")
        return [*trace, run(module.train(), call), list(module.state_dict()), len(module._forward_pre_hooks)]

    check_program(program)


def spectral_norm_starts_near_the_largest_value(lib):
    m = filled(lib, lib.nn.Linear(5, 5))
    lib.nn.utils.parametrizations.spectral_norm(m, n_power_iterations=50)
    return lib.linalg.svdvals(m.weight)


def spectral_norm_of_a_vector(lib):
    m = filled(lib, lib.nn.Linear(3, 4))
    lib.nn.utils.parametrizations.spectral_norm(m, "bias")
    m(numbers(lib, 2, 3)).sum().backward()
    return [m.bias, gradients(m), m.state_dict(), repr(m)]


def two_forwards_then_backward(lib):
    """As a GAN's critic: the first graph must not see the second forward's vectors."""
    traces = []
    for put, names in (
        (lib.nn.utils.spectral_norm, ("weight_u", "weight_v")),
        (lib.nn.utils.parametrizations.spectral_norm, ("_u", "_v")),
    ):
        m = filled(lib, lib.nn.Linear(3, 4))
        put(m)
        same_vectors(lib, m, names)
        loss = m(numbers(lib, 2, 3)).pow(2).mean() - m(numbers(lib, 2, 3, seed=1)).pow(2).mean()
        loss.backward()
        traces.append([loss, gradients(m)])
    return traces


def weight_norm_of_a_recurrent_layer(lib):
    m = filled(lib, lib.nn.LSTM(2, 3))
    lib.nn.utils.parametrizations.weight_norm(m, "weight_hh_l0")
    lib.nn.utils.parametrizations.weight_norm(m, "weight_ih_l0")
    y, _ = m(numbers(lib, 4, 2, 2))
    y.sum().backward()
    return [y, gradients(m), m.state_dict()]


def hooks_on_two_tensors(lib):
    m = filled(lib, lib.nn.Bilinear(2, 3, 4))
    utils = lib.nn.utils
    utils.weight_norm(m, "bias", dim=None)
    utils.spectral_norm(m, "weight")
    same_vectors(lib, m, ("weight_u", "weight_v"))
    y = m(numbers(lib, 2, 2), numbers(lib, 2, 3))
    y.sum().backward()
    trace = [y, gradients(m), m.state_dict()]
    utils.remove_weight_norm(m, "bias")
    return [*trace, list(m.state_dict()), m(numbers(lib, 2, 2), numbers(lib, 2, 3))]


def old_weight_norm_loads_into_new(lib):
    old, new = (filled(lib, lib.nn.Sequential(lib.nn.Linear(3, 4))) for _ in range(2))
    lib.nn.utils.weight_norm(old[0])
    lib.nn.utils.parametrizations.weight_norm(new[0])
    with lib.no_grad():
        old[0].weight_g.mul_(2.0)
    return [str(new.load_state_dict(old.state_dict())), new(numbers(lib, 2, 3)), new.state_dict()]


def old_spectral_norm_without_v(lib):
    """State dicts from before v was kept hold the weight itself."""
    m = filled(lib, lib.nn.Linear(3, 3))
    lib.nn.utils.spectral_norm(m)
    same_vectors(lib, m, ("weight_u", "weight_v"))
    m(numbers(lib, 2, 3))
    state = {k: v.clone() for k, v in m.state_dict().items()}
    del state["weight_v"]
    state["weight"] = m.weight.detach().clone()
    other = filled(lib, lib.nn.Linear(3, 3))
    lib.nn.utils.spectral_norm(other)
    outcome = other.load_state_dict(state)
    other.eval()
    trace = [str(outcome), other.state_dict(), other(numbers(lib, 2, 3))]
    lib.nn.utils.remove_spectral_norm(other)
    return [*trace, list(other.state_dict())]


def copied(lib):
    traces = []
    for put in (lib.nn.utils.parametrizations.weight_norm, lib.nn.utils.parametrizations.spectral_norm):
        m = filled(lib, lib.nn.Linear(3, 4))
        put(m)
        same_vectors(lib, m, ("_u", "_v"))
        twin = copy.deepcopy(m)
        traces += [twin(numbers(lib, 2, 3)), m.state_dict(), twin.state_dict(), repr(twin)]
    return traces


def loaded_spectral_norm(lib):
    traces = []
    for put in (lib.nn.utils.spectral_norm, lib.nn.utils.parametrizations.spectral_norm):
        a, b = (filled(lib, lib.nn.Conv2d(2, 3, 2)) for _ in range(2))
        put(a)
        put(b)
        same_vectors(lib, a, ("weight_u", "weight_v", "_u", "_v"))
        traces += [str(b.load_state_dict(a.state_dict())), b(numbers(lib, 1, 2, 3, 3)), b.state_dict()]
    return traces


def gradient_of_gradient(lib):
    traces = []
    for put in (lib.nn.utils.parametrizations.weight_norm, lib.nn.utils.parametrizations.spectral_norm):
        m = filled(lib, lib.nn.Linear(3, 4))
        put(m)
        same_vectors(lib, m, ("_u", "_v"))
        x = numbers(lib, 2, 3).requires_grad_()
        (g,) = lib.autograd.grad(m(x).tanh().sum(), x, create_graph=True)
        (g.norm(2, dim=1) - 1).pow(2).mean().backward()
        traces.append(gradients(m))
    return traces


PROGRAMS = [
    spectral_norm_starts_near_the_largest_value, spectral_norm_of_a_vector, two_forwards_then_backward,
    weight_norm_of_a_recurrent_layer, hooks_on_two_tensors, old_weight_norm_loads_into_new, old_spectral_norm_without_v,
    copied, loaded_spectral_norm, gradient_of_gradient,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(program):
    check_program(program, rtol=1e-9)


def orthogonal_of(lib, shape, orthogonal_map, use_trivialization):
    m = lib.nn.Module()
    m.weight = lib.nn.Parameter(numbers(lib, *shape))
    lib.nn.utils.parametrizations.orthogonal(m, "weight", orthogonal_map, use_trivialization=use_trivialization)
    return m


@pytest.mark.parametrize("use_trivialization", [True, False])
@pytest.mark.parametrize("orthogonal_map", [None, "matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 3), (2, 4, 2), (2, 2, 4), (1, 1)], ids=str)
def test_orthogonal(shape, orthogonal_map, use_trivialization):
    """The base has random columns unless square, so it is made equal before the values are compared."""

    def program(lib):
        m = orthogonal_of(lib, shape, orthogonal_map, use_trivialization)
        chain = m.parametrizations.weight
        trace = [chain.original, repr(m), {k: tuple(v.shape) for k, v in m.state_dict().items()}]
        if use_trivialization:
            trace.append(abs(m.weight))  # what the random columns leave open is the rest of the base
            chain[0].base.copy_(lib.linalg.qr(numbers(lib, *chain[0].base.shape, seed=3))[0])
        with lib.no_grad():
            chain.original.add_(0.3 * numbers(lib, *shape, seed=2).tril(-1))
        weight = m.weight
        (weight * numbers(lib, *shape, seed=4)).sum().backward()
        return [*trace, weight, chain.original.grad]

    check_program(program, rtol=1e-8, atol=1e-10)


def assigning(lib):
    m = orthogonal_of(lib, (3, 3), "cayley", True)
    q = lib.linalg.qr(numbers(lib, 3, 3, seed=8))[0]
    m.weight = q
    trace = [m.weight, m.parametrizations.weight[0].base]
    m.weight = numbers(lib, 3, 3, seed=9)
    h = orthogonal_of(lib, (4, 2), None, False)
    h.weight = numbers(lib, 4, 2, seed=9)
    trace += [m.weight, h.weight, h.parametrizations.weight.original]
    h.weight = lib.eye(4, 2, dtype=lib.float64)
    trace += [h.weight, h.parametrizations.weight.original]
    lib.nn.utils.parametrize.remove_parametrizations(m, "weight")
    return [*trace, m.weight, list(m.state_dict())]


def kept_in_training(lib):
    m = filled(lib, lib.nn.Linear(3, 3))
    lib.nn.utils.parametrizations.orthogonal(m)
    optimizer = lib.optim.Adam(m.parameters(), lr=0.05)
    for step in range(5):
        optimizer.zero_grad()
        (m(numbers(lib, 4, 3, seed=step)) - 1).pow(2).mean().backward()
        optimizer.step()
    q = m.weight
    twin = copy.deepcopy(m)
    return [q, q.T @ q, twin.weight, repr(m), m.state_dict()]


@pytest.mark.parametrize("program", [assigning, kept_in_training], ids=lambda p: p.__name__)
def test_orthogonal_program(program):
    check_program(program, rtol=1e-8, atol=1e-10)


def utils(lib):
    return lib.nn.utils


MISUSE = {
    "weight norm twice": lambda L: utils(L).weight_norm(utils(L).weight_norm(L.nn.Linear(2, 3))),
    "weight norm no name": lambda L: utils(L).weight_norm(L.nn.Linear(2, 3), "w"),
    "weight norm dim": lambda L: utils(L).weight_norm(L.nn.Linear(2, 3), dim=2),
    "weight norm no parameter": lambda L: utils(L).weight_norm(L.nn.BatchNorm1d(3), "running_mean"),
    "remove weight norm": lambda L: utils(L).remove_weight_norm(L.nn.Linear(2, 3)),
    "remove weight norm of other": lambda L: utils(L).remove_weight_norm(
        utils(L).weight_norm(L.nn.Linear(2, 3)), "bias"
    ),
    "spectral norm twice": lambda L: utils(L).spectral_norm(utils(L).spectral_norm(L.nn.Linear(2, 3))),
    "spectral norm no name": lambda L: utils(L).spectral_norm(L.nn.Linear(2, 3), "w"),
    "spectral norm dim": lambda L: utils(L).spectral_norm(L.nn.Linear(2, 3), dim=2),
    "spectral norm none": lambda L: utils(L).spectral_norm(L.nn.Linear(2, 3, bias=False), "bias"),
    "spectral norm steps": lambda L: utils(L).spectral_norm(L.nn.Linear(2, 3), n_power_iterations=0),
    "remove spectral norm": lambda L: utils(L).remove_spectral_norm(L.nn.Linear(2, 3)),
    "remove spectral norm of other": lambda L: utils(L).remove_spectral_norm(
        utils(L).spectral_norm(L.nn.Linear(2, 3)), "bias"
    ),
    "new weight norm no name": lambda L: utils(L).parametrizations.weight_norm(L.nn.Linear(2, 3), "w"),
    "new weight norm dim": lambda L: utils(L).parametrizations.weight_norm(L.nn.Linear(2, 3), dim=2),
    "new spectral norm no name": lambda L: utils(L).parametrizations.spectral_norm(L.nn.Linear(2, 3), "w"),
    "new spectral norm dim": lambda L: utils(L).parametrizations.spectral_norm(L.nn.Linear(2, 3), dim=2),
    "new spectral norm steps": lambda L: utils(L).parametrizations.spectral_norm(L.nn.Linear(2, 3), "weight", 0),
    "orthogonal no name": lambda L: utils(L).parametrizations.orthogonal(L.nn.Linear(2, 3), "w"),
    "orthogonal vector": lambda L: utils(L).parametrizations.orthogonal(L.nn.Linear(2, 3), "bias"),
    "orthogonal map": lambda L: utils(L).parametrizations.orthogonal(L.nn.Linear(2, 3), orthogonal_map="qr"),
    "orthogonal assign shape": lambda L: setattr(
        utils(L).parametrizations.orthogonal(L.nn.Linear(3, 3)), "weight", L.zeros(2, 2)
    ),
    "orthogonal assign without base": lambda L: setattr(
        utils(L).parametrizations.orthogonal(L.nn.Linear(3, 3), use_trivialization=False), "weight", L.eye(3)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISUSE)
def test_misuse(name):
    check_misuse(MISUSE[name])
