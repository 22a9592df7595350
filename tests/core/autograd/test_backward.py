"""backward and grad: what they deliver, whom they refuse, and what they leave behind."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest

import sparkle
from sparkle import autograd


def leaf(*values, dtype=None):
    return sparkle.tensor(list(values), dtype=dtype, requires_grad=True)


def test_gradients_add_up_over_calls_and_paths():
    x = leaf(1.0, 2.0)
    y = x * x + x * 3
    y.sum().backward()
    assert x.grad.tolist() == [5.0, 7.0]
    (x * 2).sum().backward()
    assert x.grad.tolist() == [7.0, 9.0]


def test_chain_of_100000_ops():
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y + 0.0
    y.backward(sparkle.tensor([2.0]))
    assert x.grad.tolist() == [2.0]
    del y  # taking the chain apart must not recurse either


def test_diamond_visits_each_node_once():
    x = leaf(2.0)
    y = x
    for _ in range(60):  # 2**60 paths
        y = y * 0.5 + y * 0.5
    y.sum().backward()
    assert x.grad.item() == pytest.approx(1.0)


def test_leaf_gradients_share_memory_with_nothing():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    weight = np.ones(2, np.float32)
    (a + b).backward(sparkle.from_numpy(weight))
    arrays = [a.grad.numpy(), b.grad.numpy(), weight]
    for i, one in enumerate(arrays):
        for other in arrays[i + 1 :]:
            assert not np.shares_memory(one, other)
    a.grad.mul_(10)
    assert b.grad.tolist() == [1.0, 1.0]


def test_expanded_gradient_is_a_real_array():
    x = leaf(1.0, 2.0)
    x.sum().backward()
    assert x.grad.is_contiguous()
    x.grad[0] = 5.0
    assert x.grad.tolist() == [5.0, 1.0]


def test_grad_leaves_dot_grad_alone():
    x, y = leaf(1.0, 2.0), leaf(5.0)
    gx, gy = autograd.grad((x * y).sum(), [x, y])
    assert gx.tolist() == [5.0, 5.0]
    assert gy.tolist() == [3.0]
    assert x.grad is None
    assert y.grad is None


def test_grad_of_an_intermediate_result():
    x = leaf(1.0, 2.0)
    y = x * 3
    z = (y * y).sum()
    (gy,) = autograd.grad(z, y)
    assert gy.tolist() == [6.0, 12.0]


def test_grad_unused_inputs():
    x, unused = leaf(1.0), leaf(1.0)
    with pytest.raises(RuntimeError, match="not have been used in the graph"):
        autograd.grad((x * 2).sum(), [x, unused])
    assert autograd.grad((x * 2).sum(), [x, unused], allow_unused=True)[1] is None
    assert autograd.grad((x * 2).sum(), [x, unused], materialize_grads=True)[1].tolist() == [0.0]


def test_backward_with_inputs_reaches_only_these():
    x, y = leaf(1.0), leaf(2.0)
    (x * y).sum().backward(inputs=[x])
    assert x.grad.tolist() == [2.0]
    assert y.grad is None


def test_third_derivative():
    x = leaf(2.0, dtype=sparkle.float64)
    (g1,) = autograd.grad(x**4, x, create_graph=True)
    (g2,) = autograd.grad(g1, x, create_graph=True)
    (g3,) = autograd.grad(g2, x)
    assert (g1.item(), g2.item(), g3.item()) == (32.0, 48.0, 48.0)


REFUSED = {
    "no grad": (lambda: sparkle.tensor([1.0]).backward(), "does not require grad and does not have a grad_fn"),
    "not scalar": (lambda: (leaf(1.0, 2.0) * 2).backward(), "only for scalar outputs"),
    "weight shape": (lambda: (leaf(1.0, 2.0) * 2).backward(sparkle.tensor([1.0])), "Mismatch in shape"),
    "int leaf": (lambda: sparkle.tensor([1], requires_grad=True), "floating point"),
    "empty inputs": (lambda: leaf(1.0).sum().backward(inputs=[]), "cannot be empty"),
    "grad of constant": (lambda: autograd.grad(leaf(1.0) * 2, sparkle.tensor([1.0])), "does not require grad"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    call, message = REFUSED[name]
    with pytest.raises(RuntimeError, match=message):
        call()


def test_second_backward_is_refused_and_retain_graph_allows_it():
    x = leaf(2.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 8.0
    with pytest.raises(RuntimeError, match=r"second time.*retain_graph=True"):
        y.backward()


def test_second_backward_is_fine_where_nothing_was_saved():
    x = leaf(2.0)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    assert x.grad.item() == 2.0


def test_modified_saved_tensor_is_refused():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = y * y
    y.add_(1)
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation.*MulBackward0.*out-of-place"):
        z.sum().backward()


def test_modified_tensor_that_was_not_saved_is_fine():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = y + 1
    y.add_(1)
    z.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_saved_result_modified_is_refused():
    y = leaf(1.0).exp()
    z = y.sum()
    with sparkle.no_grad():
        y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.backward()


def test_writes_through_data_are_not_seen():
    x = leaf(3.0)
    y = (x * x).sum()
    x.data.mul_(2)
    y.backward()
    assert x.grad.item() == 12.0


def test_backward_lets_saved_arrays_go():
    x = leaf(*np.arange(1000.0))
    h = x * 2
    array = weakref.ref(h.array)
    y = (h * h).sum()
    del h
    assert array() is not None
    y.backward()
    assert array() is None
    assert y.item() > 0


def test_graphs_are_freed_without_the_collector():
    gc.disable()
    try:
        gc.collect()
        x = leaf(1.0, 2.0)
        y = x * 2
        y.retain_grad()
        y.register_hook(lambda g: None)
        v = y[0]
        z = (y * y).sum() + v.exp()
        z.backward()
        watched = [weakref.ref(t) for t in (y, v, z)] + [weakref.ref(z.grad_fn)]
        del y, v, z
        assert [w() for w in watched] == [None] * 4
    finally:
        gc.enable()


def test_hooks_see_and_change_gradients_in_order():
    seen = []
    x = leaf(1.0, 2.0)
    y = x * 3
    first = y.register_hook(lambda g: seen.append(("y", g.tolist())))
    y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: seen.append(("x", g.tolist())))
    y.sum().backward()
    assert seen == [("y", [1.0, 1.0]), ("x", [30.0, 30.0])]
    assert x.grad.tolist() == [30.0, 30.0]
    first.remove()
    (x * 3).sum().backward()
    assert len(seen) == 3


def test_post_accumulate_hook_and_node_hooks():
    calls = []
    x = leaf(1.0)
    x.register_post_accumulate_grad_hook(lambda t: calls.append(t.grad.item()))
    y = x * 4
    y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: calls.append("node"))
    y.backward(sparkle.tensor([1.0]))
    assert calls == ["node", 4.0]


def test_retain_grad():
    x = leaf(1.0, 2.0)
    y = x * 2
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad.tolist() == [4.0, 8.0]
    assert y.retains_grad
    with pytest.raises(RuntimeError, match="requires_grad=False"):
        sparkle.tensor([1.0]).retain_grad()


def test_grad_mode_switches():
    x = leaf(1.0)
    with sparkle.no_grad():
        assert not (x * 2).requires_grad
        with sparkle.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad

    @sparkle.no_grad()
    def f():
        return x * 2

    @sparkle.no_grad
    def g():
        return x * 2

    assert not f().requires_grad
    assert not g().requires_grad
    with autograd.set_grad_enabled(False):
        assert not autograd.is_grad_enabled()
    autograd.set_grad_enabled(False)
    assert not (x * 2).requires_grad
    autograd.set_grad_enabled(True)
    with autograd.inference_mode():
        assert not (x * 2).requires_grad
    with pytest.raises(ZeroDivisionError), sparkle.no_grad():
        1 / 0  # noqa: B018
    assert autograd.is_grad_enabled()


def test_no_grad_generator_switches_between_steps():
    @sparkle.no_grad()
    def steps():
        assert not autograd.is_grad_enabled()
        received = yield 1
        assert not autograd.is_grad_enabled()
        yield received

    g = steps()
    assert next(g) == 1
    assert autograd.is_grad_enabled()
    assert g.send("x") == "x"


def test_grad_mode_belongs_to_the_thread():
    seen = []
    with sparkle.no_grad():
        thread = threading.Thread(target=lambda: seen.append(autograd.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_floating_point_warnings_do_not_reach_the_user():
    with np.errstate(all="raise"):
        x = leaf(0.0, -1.0)
        y = (1 / x).sum() + x.log().sum()
        y.backward()
    assert np.isnan(y.item())
    assert np.isinf(x.grad.numpy()[0]) or np.isnan(x.grad.numpy()[0])


def test_node_names_and_next_functions():
    x = leaf(1.0)
    y = (x * 2).exp()
    assert y.grad_fn.name() == "ExpBackward0"
    ((mul, _),) = y.grad_fn.next_functions
    assert mul.name() == "MulBackward0"
    accumulate = mul.next_functions[0][0]
    assert accumulate.variable is x
    assert accumulate.name() == "AccumulateGrad"
    assert x.is_leaf
    assert not y.is_leaf
