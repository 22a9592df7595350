"""The pass over all parameters: the compiled body equals the plain one bit for bit, on every kind of memory."""

from __future__ import annotations

import copy
import os
import pickle
import sys
import threading

import numpy as np
import pytest

import sparkle
from sparkle.core import settings
from sparkle.core.kernels import crew
from sparkle.core.kernels import optim as kernels
from sparkle.core.optim import fused

RULES = [
    ("SGD", {"weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("SGD", {"momentum": 0.9, "dampening": 0.2, "maximize": True}),
    ("Adagrad", {"lr_decay": 0.1, "weight_decay": 0.1}),
    ("RMSprop", {}),
    ("RMSprop", {"momentum": 0.5}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"centered": True, "momentum": 0.5}),
    ("Adam", {"weight_decay": 0.1}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {}),
    ("NAdam", {"weight_decay": 0.1}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"betas": (0.9, 0.9), "weight_decay": 0.1}),
    ("RAdam", {"betas": (0.9, 0.5), "decoupled_weight_decay": True, "weight_decay": 0.1}),
    ("Adamax", {"weight_decay": 0.1}),
    ("Adadelta", {"weight_decay": 0.1, "maximize": True}),
    ("Rprop", {}),
    ("Rprop", {"etas": (0.3, 1.7), "maximize": True}),
    ("ASGD", {"weight_decay": 0.1, "t0": 1}),
]
IDS = [f"{name}-{'-'.join(options)}" for name, options in RULES]


def numbers(shape, dtype, seed):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def layouts(dtype):
    """Parameters of every kind of memory."""
    return [
        numbers((5, 3), dtype, 0),
        numbers((40_000,), dtype, 1),
        numbers((), dtype, 2),
        numbers((0, 4), dtype, 3),
        numbers((4, 6), dtype, 4).T,
        numbers((6, 8), dtype, 5)[::2, ::2],
        np.asfortranarray(numbers((2, 3, 4), dtype, 6)),
        numbers((1, 7), dtype, 7),
        numbers((3, 3), "float16", 8),
        numbers((3, 3), "float64", 9),
    ]


def gradient(shape, dtype, seed):
    g = numbers(shape, dtype, seed)
    kind = seed % 3
    if g.ndim == 0 or kind == 0:
        return g
    if kind == 1:  # strided
        return np.repeat(g, 2, axis=0)[::2]
    return np.asfortranarray(g)


def trajectory(name, options, dtype, steps=4):
    params = [sparkle.from_numpy(a.copy(order="K")).requires_grad_() for a in layouts(dtype)]
    strided = layouts(dtype)[5]
    params[5] = sparkle.from_numpy(np.empty((6, 8), dtype)[::2, ::2]).requires_grad_()
    params[5].array[...] = strided
    optimizer = getattr(sparkle.optim, name)(params, **options)
    for t in range(steps):
        for i, p in enumerate(params):
            g = gradient(p.array.shape, p.array.dtype, 100 * t + i)
            p.grad = None if (t + i) % 5 == 0 else sparkle.from_numpy(g)
        optimizer.step()
    return params, optimizer


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), RULES, ids=IDS)
def test_compiled_equals_plain(name, options, dtype, monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(crew, "SHARE", 1 << 12)  # threads take part too
    results = []
    for patience in (float("inf"), -1):
        monkeypatch.setattr(fused, "PATIENCE", patience)
        results.append(trajectory(name, options, dtype))
    (plain, plain_optimizer), (compiled, compiled_optimizer) = results
    for a, b in zip(plain, compiled, strict=True):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    for a, b in zip(plain, compiled, strict=True):
        for key, value in plain_optimizer.state.get(a, {}).items():
            np.testing.assert_array_equal(value.numpy(), compiled_optimizer.state[b][key].numpy())


SPECIAL = [
    [np.nan, 1.0, 1.0, 0.0, np.inf, 1e30, -1.0],
    [1.0, -np.inf, 1.0, 0.0, 1e-30, -1e30, np.nan],
    [2.0, 1.0, -1.0, 1.0, -np.inf, 1.0, 1.0],
]


@pytest.mark.parametrize(("name", "options"), RULES, ids=IDS)
def test_special_numbers_pass_alike(name, options, monkeypatch):
    pytest.importorskip("numba")
    results = []
    for patience in (float("inf"), -1):
        monkeypatch.setattr(fused, "PATIENCE", patience)
        p = sparkle.tensor([1.0, np.inf, np.nan, 0.0, -0.0, 1.0, 1.0], requires_grad=True)
        optimizer = getattr(sparkle.optim, name)([p], lr=0.1, **options)
        for g in SPECIAL:
            p.grad = sparkle.tensor(g, dtype=sparkle.float32)
            optimizer.step()
        results.append([p.detach().numpy(), *(s.numpy() for s in optimizer.state[p].values())])
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture(params=["plain", "compiled"])
def path(request, monkeypatch):
    if request.param == "compiled":
        pytest.importorskip("numba")
    monkeypatch.setattr(fused, "PATIENCE", {"plain": float("inf"), "compiled": -1}[request.param])


def quadratic(n=3):
    p = sparkle.ones(n, requires_grad=True)
    p.grad = sparkle.ones(n)
    return p


def test_a_step_is_an_in_place_write(path):
    p = quadratic()
    y = (p * p).sum()
    before = p._version
    sparkle.optim.SGD([p], lr=0.1).step()
    assert p._version == before + 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_memory_stays_where_it_is(path):
    p = quadratic()
    array, g = p.array, p.grad.array.copy()
    optimizer = sparkle.optim.Adam([p])
    optimizer.step()
    moment = optimizer.state[p]["exp_avg"].array
    optimizer.step()
    assert p.array is array
    assert optimizer.state[p]["exp_avg"].array is moment
    np.testing.assert_array_equal(p.grad.array, g)


LAYOUTS = {
    "read_only": lambda g: np.broadcast_to(g[:1], g.shape),
    "by_columns": np.asfortranarray,
    "every_second": lambda g: np.repeat(g, 2, axis=1)[:, ::2],
    "backwards": lambda g: g[::-1],
    "from_the_middle": lambda g: np.concatenate([g, g])[2 : 2 + len(g)],
    "read_only_whole": lambda g: np.frombuffer(g.tobytes(), g.dtype).reshape(g.shape),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_gradients_lie_in_memory_as_they_like(name, path):
    values = np.random.default_rng(0).standard_normal((3, 5, 7)).astype(np.float32)
    p, q = (sparkle.ones(5, 7, requires_grad=True) for _ in range(2))
    optimizer = sparkle.optim.SGD([q, p], lr=0.5)
    wanted = np.ones((5, 7), np.float32)
    for g in values:
        given = LAYOUTS[name](g)
        p.grad, q.grad = sparkle.tensor(g), sparkle.tensor(g)
        p.grad.array = given
        optimizer.step()
        wanted = wanted - np.float32(0.5) * given
        np.testing.assert_allclose(p.detach().numpy(), wanted, rtol=1e-6)


def test_replaced_memory_is_noticed(path):
    """New arrays for a parameter or a state between steps are what the next step works on."""
    p = quadratic()
    optimizer = sparkle.optim.Adam([p], lr=0.1)
    optimizer.step()
    p.data = sparkle.zeros(3)
    optimizer.state[p]["exp_avg"] = sparkle.full((3,), 5.0)
    optimizer.step()
    assert optimizer.state[p]["exp_avg"][0].item() == pytest.approx(4.6)
    assert (p < 0).all()
    del optimizer.state[p]
    optimizer.step()
    assert optimizer.state[p]["step"].item() == 1
    p.data = p.data.double()
    p.grad = sparkle.ones(3, dtype=sparkle.float64)
    optimizer.state.clear()
    optimizer.step()
    assert optimizer.state[p]["exp_avg"].dtype is sparkle.float64


def test_replaced_data_alone_is_noticed(path):
    p = quadratic()
    optimizer = sparkle.optim.SGD([p], lr=0.1)
    optimizer.step()
    old, p.data = p.data, sparkle.zeros(3)
    optimizer.step()
    assert p[0].item() == pytest.approx(-0.1)
    assert old[0].item() == pytest.approx(0.9)


def test_duplicates_are_updated_once(path):
    p = quadratic()
    with pytest.warns(UserWarning, match="each is updated once a step"):
        optimizer = sparkle.optim.SGD([p, p], lr=0.1, momentum=0.9)
    optimizer.step()
    assert p[0].item() == pytest.approx(0.9)


def test_steps_changed_by_hand_count(path):
    p, q = quadratic(), quadratic()
    optimizer = sparkle.optim.Adam([p, q], lr=0.1)
    optimizer.step()
    optimizer.state[p]["step"].array[...] = 10
    optimizer.step()
    assert optimizer.state[p]["step"].item() == 11
    assert optimizer.state[q]["step"].item() == 2
    assert p[0].item() != q[0].item()


def test_options_changed_by_hand_count(path):
    p = quadratic(1)
    optimizer = sparkle.optim.SGD([p], lr=0.1)
    optimizer.step()
    optimizer.param_groups[0]["lr"] = 1.0
    optimizer.step()
    assert p.item() == pytest.approx(1 - 0.1 - 1.0)
    optimizer.param_groups[0]["momentum"] = 0.9
    optimizer.step()
    assert "momentum_buffer" in optimizer.state[p]


def test_params_that_appear_later(path):
    p, q = quadratic(), quadratic()
    q.grad = None
    optimizer = sparkle.optim.Adam([p, q], lr=0.1)
    optimizer.step()
    assert q not in optimizer.state
    q.grad = sparkle.ones(3)
    optimizer.step()
    assert (optimizer.state[p]["step"].item(), optimizer.state[q]["step"].item()) == (2, 1)
    r = quadratic()
    optimizer.add_param_group({"params": r})
    optimizer.step()
    assert optimizer.state[r]["step"].item() == 1


def test_no_gradients_no_change(path):
    p = sparkle.ones(3, requires_grad=True)
    optimizer = sparkle.optim.Adam([p])
    assert optimizer.step() is None
    assert optimizer.state_dict()["state"] == {}


def test_copies_are_apart(path):
    p = quadratic()
    optimizer = sparkle.optim.Adam([p], lr=0.1)
    optimizer.step()
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        q = twin.param_groups[0]["params"][0]
        q.grad = sparkle.ones(3)
        twin.step()
        assert twin.state[q]["step"].item() == 2
        assert q[0].item() == pytest.approx(0.8, abs=1e-5)
    assert optimizer.state[p]["step"].item() == 1
    assert p[0].item() == pytest.approx(0.9, abs=1e-5)


def test_loading_copies(path):
    p, q = quadratic(), quadratic()
    first, second = sparkle.optim.Adam([p]), sparkle.optim.Adam([q])
    first.step()
    second.load_state_dict(first.state_dict())
    second.step()
    assert first.state[p]["step"].item() == 1
    assert second.state[q]["step"].item() == 2
    assert not np.shares_memory(first.state[p]["exp_avg"].array, second.state[q]["exp_avg"].array)


def test_loading_takes_the_parameters_type():
    p = sparkle.ones(2, dtype=sparkle.float64, requires_grad=True)
    optimizer = sparkle.optim.Adam([p])
    saved = optimizer.state_dict()
    saved["state"] = {0: {"step": 3, "exp_avg": sparkle.ones(2), "exp_avg_sq": sparkle.ones(2)}}
    optimizer.load_state_dict(saved)
    state = optimizer.state[p]
    assert (state["exp_avg"].dtype, state["step"].dtype, state["step"].item()) == (sparkle.float64, sparkle.float32, 3)


def test_a_state_dict_is_a_dict():
    with pytest.raises(TypeError, match="wanted a dict"):
        sparkle.optim.Adam([quadratic()]).load_state_dict(3)


def test_refused_load_changes_nothing():
    p = quadratic()
    optimizer = sparkle.optim.Adam([p], lr=0.1)
    optimizer.step()
    other = sparkle.optim.Adam([quadratic(), quadratic()], lr=0.5)
    with pytest.raises(ValueError, match="group 0 has 2 parameters there, 1 here"):
        optimizer.load_state_dict(other.state_dict())
    assert optimizer.param_groups[0]["lr"] == 0.1
    assert optimizer.state[p]["step"].item() == 1


@pytest.mark.parametrize("name", ["Adam", "RMSprop", "NAdam", "RAdam", "Adamax", "Adadelta", "Rprop", "ASGD"])
@pytest.mark.parametrize("option", ["capturable", "differentiable"])
def test_unsupported_modes_are_named(name, option):
    with pytest.raises(RuntimeError, match=option):
        getattr(sparkle.optim, name)([quadratic()], **{option: True})


def test_sparse_gradients_are_named():
    with pytest.raises(NotImplementedError, match="sparse gradients do not exist"):
        sparkle.optim.SparseAdam([quadratic()])


def test_kept_numbers_changed_by_hand_count(path):
    """What a rule keeps beside the step count is read from the state in every step."""
    p, q = quadratic(), quadratic()
    optimizer = sparkle.optim.ASGD([p, q], lr=0.1)
    optimizer.step()
    optimizer.state[p]["eta"].array[...] = 0.5
    optimizer.step()
    assert p[0].item() == pytest.approx(1 - 0.1 - 0.5, abs=1e-3)
    assert q[0].item() == pytest.approx(1 - 0.1 - 0.1, abs=1e-3)
    assert optimizer.state[p]["eta"].item() == pytest.approx(0.1, abs=1e-3)


def test_step_counts_have_the_default_type():
    p = quadratic()
    optimizer = sparkle.optim.NAdam([p])
    sparkle.set_default_dtype(sparkle.float64)
    try:
        optimizer.step()
    finally:
        sparkle.set_default_dtype(sparkle.float32)
    optimizer.step()
    state = optimizer.state[p]
    assert (state["step"].dtype, state["mu_product"].dtype, state["step"].item()) == (sparkle.float64,) * 2 + (2,)
    assert state["exp_avg"].dtype is sparkle.float32


def test_hooks_run_once_in_a_subclass():
    class Twice(sparkle.optim.SGD):
        def step(self, closure=None):
            super().step(closure)
            return super().step(closure)

    p = quadratic(1)
    optimizer = Twice([p], lr=0.1)
    seen = []
    optimizer.register_step_post_hook(lambda *args: seen.append(1))
    optimizer.step()
    assert seen == [1]
    assert p.item() == pytest.approx(0.8)


def test_bad_hook_answers_are_refused():
    optimizer = sparkle.optim.SGD([quadratic()], lr=0.1)
    optimizer.register_step_pre_hook(lambda *args: 3)
    with pytest.raises(RuntimeError, match="pre-hook must return"):
        optimizer.step()


def test_steps_in_several_threads(monkeypatch):
    """Threads that step at the same time do not disturb each other, nor the crew of the compiled pass."""
    pytest.importorskip("numba")
    monkeypatch.setattr(fused, "PATIENCE", -1)
    monkeypatch.setattr(crew, "SHARE", 1 << 10)
    monkeypatch.setattr(crew, "_held", [crew.Crew(3)])

    def work(n=30_000, steps=20):
        p = quadratic(n)
        optimizer = sparkle.optim.Adam([p], lr=0.1)
        for _ in range(steps):
            optimizer.step()
        return p.detach().numpy()

    expected = work()
    results = [None] * 4

    def run(i):
        results[i] = work()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for r in results:
        np.testing.assert_array_equal(r, expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="forking beside threads warns from 3.12 on")
def test_a_forked_child_can_step(monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(fused, "PATIENCE", -1)
    monkeypatch.setattr(crew, "SHARE", 1 << 10)
    monkeypatch.setattr(crew, "_held", [crew.Crew(2)])
    p = quadratic(10_000)
    optimizer = sparkle.optim.SGD([p], lr=0.1)
    optimizer.step()
    child = os.fork()
    if child == 0:
        optimizer.step()
        os._exit(0 if abs(p[0].item() - 0.8) < 1e-6 else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_threads_asked_for(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    assert settings.get_num_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert 1 <= settings.get_num_threads() <= 16


def test_without_numba(monkeypatch):
    """The plain pass goes on for as long as it takes."""
    monkeypatch.setattr(kernels, "compiled", lambda *args: None)
    monkeypatch.setattr(fused, "PATIENCE", -1)
    p = quadratic()
    sparkle.optim.Adam([p], lr=0.1).step()
    assert p[0].item() == pytest.approx(0.9, abs=1e-5)


def test_an_edited_rule_gets_another_place_on_disk():
    loops = pytest.importorskip("sparkle.core.kernels.optim_loops")
    marks = [loops._fingerprint(rule) for rule in (lambda p, g: p - g, lambda p, g: p + g, lambda p, g: p - g)]
    assert marks[0] == marks[2] != marks[1]
