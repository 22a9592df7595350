"""Hooks and their order, edges, saved tensor hooks, hooks over several tensors, anomalies."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import sparkle
from sparkle import autograd
from sparkle.autograd import graph


def leaf(*values: float) -> Any:
    return sparkle.tensor(list(values), requires_grad=True)


def test_order_of_hooks_around_a_node_and_a_leaf() -> None:
    seen: list[Any] = []
    x = leaf(1.0, 1.0)
    y = x * 3
    y.grad_fn.register_prehook(lambda gs: seen.append(("before node", gs[0].tolist())))
    y.grad_fn.register_hook(lambda gi, go: seen.append(("after node", gi[0].tolist(), gi[1], go[0].tolist())))
    y.register_hook(lambda g: seen.append(("first", g.tolist())))
    y.retain_grad()
    y.register_hook(lambda g: g * 2)
    end = y.grad_fn.next_functions[0][0]
    end.register_prehook(lambda gs: seen.append(("before leaf", gs[0].tolist())))
    end.register_hook(lambda gi, go: seen.append(("after leaf", gi, x.grad.tolist())))
    x.register_hook(lambda g: seen.append(("leaf", g.tolist())))
    x.register_post_accumulate_grad_hook(lambda t: seen.append(("accumulated", t.grad.tolist())))
    y.sum().backward()
    assert seen == [
        ("first", [1.0, 1.0]),
        ("before node", [2.0, 2.0]),
        ("after node", [6.0, 6.0], None, [2.0, 2.0]),
        ("leaf", [6.0, 6.0]),
        ("before leaf", [6.0, 6.0]),
        ("accumulated", [6.0, 6.0]),
        ("after leaf", (), [6.0, 6.0]),
    ]
    assert y.grad.tolist() == [2.0, 2.0]  # after the hook that doubles, though it was registered later


def test_what_hooks_of_a_leaf_keep_stays_as_it_was() -> None:
    kept = []
    x = leaf(1.0, 2.0)
    end = (x * 1).grad_fn.next_functions[0][0]
    for register in (x.register_hook, end.register_prehook, end.register_hook):
        kept.clear()
        with register(lambda *given: kept.append(given[-1])):
            x.grad = None
            (x * 3).sum().backward()
        x.grad.zero_()
        (g,) = kept[0] if isinstance(kept[0], tuple) else kept
        assert g.tolist() == [3.0, 3.0]


def test_what_is_called_after_the_gradient_arrived_costs_no_copy() -> None:
    x = leaf(1.0, 2.0)
    seen = []
    x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad))
    given = []
    (product := x * 3).register_hook(lambda g: None)
    product.grad_fn.register_hook(lambda gi, go: given.append(gi[0].array))
    product.sum().backward()
    assert seen[0].array is given[0]


def test_node_hooks_replace_gradients() -> None:
    x = leaf(1.0)
    y = x * 3
    y.grad_fn.register_prehook(lambda gs: (gs[0] * 10,))
    y.grad_fn.register_hook(lambda gi, go: (gi[0] + 1, None))
    y.backward()
    assert x.grad.tolist() == [31.0]


def test_hooks_are_recorded_with_create_graph() -> None:
    x = leaf(2.0)
    y = x * x
    y.register_hook(lambda g: g * x)
    (g,) = autograd.grad(y, x, create_graph=True)
    g.backward()
    assert (g.item(), x.grad.item()) == (8.0, 8.0)  # 2 x * x, and its derivative


def test_removed_hooks_are_gone() -> None:
    x = leaf(1.0)
    y = x * 2
    handles = [
        *(y.register_hook(lambda g: g * 10), y.grad_fn.register_hook(lambda gi, go: (gi[0] * 10, None))),
        *(y.grad_fn.register_prehook(lambda gs: (gs[0] * 10,)), x.register_hook(lambda g: g * 10)),
    ]
    for handle in handles:
        handle.remove()
        handle.remove()
    with y.register_hook(lambda g: g * 10):
        pass
    y.backward()
    assert x.grad.tolist() == [2.0]


def test_grad_runs_the_hooks_of_what_it_reaches_only() -> None:
    seen: list[str] = []
    x, w = leaf(1.0), leaf(1.0)
    y = x * w
    w.register_hook(lambda g: seen.append("w"))
    x.register_hook(lambda g: seen.append("x"))
    y.register_hook(lambda g: seen.append("y"))
    x.register_post_accumulate_grad_hook(lambda t: seen.append("accumulated"))
    autograd.grad(y.sum(), x)
    assert seen == ["y", "x"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [("text", TypeError), (sparkle.ones(3), RuntimeError)],
    ids=["type", "shape"],
)
def test_wrong_answers_of_hooks(answer: Any, error: type[Exception]) -> None:
    for register in (lambda y: y, lambda y: y.grad_fn.next_functions[0][0].variable):
        y = leaf(1.0) * 2
        register(y).register_hook(lambda g: answer)
        with pytest.raises(error, match="hook"):
            y.backward()
    y = leaf(1.0) * 2
    y.grad_fn.register_hook(lambda gi, go: (gi[0],))
    with pytest.raises(RuntimeError, match="incorrect number of values"):
        y.backward()


def test_nodes_of_ops_with_several_results() -> None:
    a, b = leaf(1.0, 2.0).split(1)
    assert a.grad_fn is b.grad_fn
    assert (a.output_nr, b.output_nr) == (0, 1)
    assert (b * 2).grad_fn.next_functions[0] == (b.grad_fn, 1)
    b.grad_fn.metadata["note"] = 3
    assert a.grad_fn.metadata == {"note": 3}
    assert isinstance(a.grad_fn, graph.Node)


def test_gradients_of_inputs_that_are_no_leaves() -> None:
    x = leaf(1.0, 2.0)
    y = x * 2
    (y * y).sum().backward(inputs=[y])
    assert y.grad.tolist() == [4.0, 8.0]
    assert y.retains_grad
    assert x.grad is None


def test_create_graph_gives_each_leaf_a_gradient_of_its_own() -> None:
    a, b = leaf(1.0), leaf(2.0)
    (a + b).backward(create_graph=True)
    a.grad.detach().mul_(10)
    assert (a.grad.item(), b.grad.item()) == (10.0, 1.0)


def test_gradient_edges() -> None:
    x = leaf(3.0)
    y = x * 2
    z = (y * y).sum()
    edges = [graph.get_gradient_edge(y), graph.get_gradient_edge(x)]
    assert [g.item() for g in autograd.grad(z, edges, retain_graph=True)] == [12.0, 24.0]
    assert autograd.grad(graph.get_gradient_edge(y), x, sparkle.ones(1), retain_graph=True)[0].item() == 2.0
    part = graph.get_gradient_edge(x.split(1)[0])
    assert (part.node.name(), part.output_nr) == ("SplitBackward0", 0)
    with pytest.raises(RuntimeError, match="does not require"):
        graph.get_gradient_edge(sparkle.ones(1))


def test_increment_version_makes_backward_refuse() -> None:
    x = leaf(1.0)
    y = x * 1
    z = y * y
    graph.increment_version([y])
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.backward()


# Saved tensor hooks.


class Product(autograd.Function):
    """x * exp(x), which saves an input and a result of forward."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = x.exp()
        ctx.save_for_backward(x, y)
        return x * y, y

    @staticmethod
    def backward(ctx: Any, g: Any, h: Any) -> Any:
        x, y = ctx.saved_tensors
        return (g * (1 + x) + h) * y


def test_saved_arrays_go_through_the_hooks() -> None:
    packed: list[Any] = []
    x = leaf(0.5, 1.5)

    def pack(t: Any) -> int:
        packed.append(t.numpy().copy())
        return len(packed) - 1

    with graph.saved_tensors_hooks(pack, lambda i: sparkle.from_numpy(packed[i])):
        y = (x * x).exp()
        z, _ = Product.apply(y * 1)
    assert len(packed) == 5
    (g,) = autograd.grad(z.sum(), x, create_graph=True)
    (h,) = autograd.grad(g.sum(), x)
    y = (x * x).exp()
    (wanted,) = autograd.grad((y * y.exp()).sum(), x, create_graph=True)
    assert g.tolist() == pytest.approx(wanted.tolist(), rel=1e-5)
    assert h.tolist() == pytest.approx(autograd.grad(wanted.sum(), x)[0].tolist(), rel=1e-5)


def test_hooks_change_what_backward_reads() -> None:
    x = leaf(3.0)
    with graph.saved_tensors_hooks(lambda t: t * 2, lambda t: t):
        y = x * x
    y.backward()
    assert x.grad.tolist() == [12.0]
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_misuse_of_saved_tensor_hooks() -> None:
    x = leaf(3.0)
    with graph.saved_tensors_hooks(lambda t: t, lambda t: 3):
        y = x * x
    with pytest.raises(TypeError, match="expected to be a Tensor"):
        y.backward()
    with graph.saved_tensors_hooks(lambda t: t.mul_(2), lambda t: t), pytest.raises(RuntimeError, match="in place"):
        x * x
    with pytest.raises(RuntimeError, match="not now"), graph.disable_saved_tensors_hooks("not now"):
        graph.saved_tensors_hooks(lambda t: t, lambda t: t).__enter__()
    assert (x * x).grad_fn.freed is False


def test_save_on_cpu_gives_the_same_gradients() -> None:
    x = leaf(0.5)
    with graph.save_on_cpu():
        y = (x * x).exp()
    y.backward()
    assert x.grad.item() == pytest.approx(2 * 0.5 * y.item())


def test_multi_grad_hooks() -> None:
    a, b, c = leaf(1.0), leaf(2.0), leaf(3.0)
    y = a * b
    every: list[Any] = []
    first: list[Any] = []
    handle = graph.register_multi_grad_hook([a, y, c], lambda gs: every.append([g and g.item() for g in gs]))
    graph.register_multi_grad_hook([a, y], lambda g: first.append(g.item()), mode="any")
    (y * 2).backward(retain_graph=True)
    (y * c).backward(retain_graph=True)
    autograd.grad(y * c, [y], retain_graph=True)
    assert every == [[4.0, 2.0, None], [6.0, 3.0, 2.0], [None, 3.0, None]]
    assert first == [2.0, 3.0, 3.0]
    handle.remove()
    y.backward()
    assert len(every) == 3
    with pytest.raises(ValueError, match="mode"):
        graph.register_multi_grad_hook([a], print, mode="some")  # type: ignore[arg-type]


# Anomalies.


def test_nan_is_found_and_its_line_named() -> None:
    x = leaf(0.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with autograd.detect_anomaly():
            y = x.sqrt() * 0  # this line
            with pytest.raises(RuntimeError, match=r"'SqrtBackward0' returned nan values in its 0th.*# this line"):
                y.backward()
    assert any("# this line" in str(w.message) and "Error detected in Sqrt" in str(w.message) for w in caught)
    (x.sqrt() * 0).backward()
    assert x.grad.isnan().all()


def test_errors_in_backward_keep_their_class_and_tell_the_line() -> None:
    class Fails(autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            raise KeyError("mine")

    with autograd.set_detect_anomaly(True):
        y = Fails.apply(leaf(1.0))  # that line
    with autograd.set_detect_anomaly(True), pytest.warns(UserWarning, match="that line"), pytest.raises(KeyError) as e:
        y.backward()
    assert "that line" in e.value.__notes__[0]
    assert y.grad_fn.trace is not None
    assert Fails.apply(leaf(1.0)).grad_fn.trace is None


def test_anomaly_switches() -> None:
    from sparkle.core.tensor.differentiation.graph import is_anomaly_check_nan_enabled, is_anomaly_enabled

    x = leaf(0.0)
    with autograd.set_detect_anomaly(True, check_nan=False):
        assert (is_anomaly_enabled(), is_anomaly_check_nan_enabled()) == (True, False)
        (x.sqrt() * 0).backward()
        with autograd.set_detect_anomaly(False):
            assert not is_anomaly_enabled()
        assert is_anomaly_enabled()
    assert not is_anomaly_enabled()
    autograd.set_detect_anomaly(True)
    y = leaf(1.0)[:]
    autograd.set_detect_anomaly(False)
    assert y.grad_fn.trace is not None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        autograd.detect_anomaly()
    assert len(caught) == 1
