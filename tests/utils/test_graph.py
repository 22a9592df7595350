"""The graph of a model: nodes, modules, what goes into what; and what is written of it."""

from __future__ import annotations

import pytest

import sparkle
from sparkle import nn
from sparkle.utils.graph import model_graph


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 3)

    def forward(self, x, scale=1.0):
        return x + scale * self.inner(self.inner(x)).relu()


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Residual(), Residual())
        self.norm = nn.BatchNorm1d(3)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        y = self.drop(self.norm(self.blocks(x)))
        return {"y": y, "sum": [y.sum()]}


def found(model, *inputs):
    return {node.name: node for node in model_graph(model, inputs)}


def test_nodes_are_named_by_their_modules():
    nodes = found(Network(), sparkle.ones(2, 3))
    assert nodes["blocks/0/inner/Addmm"].inputs == ("input_0", "blocks/0/inner/weight", "blocks/0/inner/bias")
    assert nodes["blocks/0/inner/Addmm_1"].inputs[0] == "blocks/0/inner/Addmm"
    assert nodes["blocks/0/Add"].inputs[0] == "input_0"
    assert nodes["blocks/1/Add"].inputs[0] == "blocks/0/Add"
    assert nodes["norm/NativeBatchNorm"].inputs[0] == "blocks/1/Add"
    assert nodes["output_1"].inputs == ("Sum",)
    assert nodes["Sum"].inputs == nodes["output_0"].inputs


def test_what_goes_in_comes_first_and_is_there():
    seen = set()
    for node in model_graph(Network(), sparkle.ones(2, 3)):
        assert set(node.inputs) <= seen
        assert node.name not in seen
        seen.add(node.name)


def test_shapes():
    nodes = found(Network(), sparkle.ones(2, 3))
    assert nodes["input_0"].shape == nodes["output_0"].shape == (2, 3)
    assert nodes["output_1"].shape == ()
    assert nodes["blocks/0/inner/weight"].shape == (3, 3)


def test_model_and_inputs_are_as_they_were():
    model, x = Network(), sparkle.ones(2, 3)
    model.blocks.eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = sparkle.get_rng_state()
    with sparkle.no_grad():
        model_graph(model, x)
        assert not sparkle.is_grad_enabled()
    assert [module.training for module in model.modules()].count(True) == 3
    assert not model.blocks.training
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())
    assert sparkle.get_rng_state().equal(state)
    assert not x.requires_grad
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_several_inputs_and_integers():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(5, 3)

        def forward(self, x, index, flag):
            return x * self.table(index) if flag else x

    nodes = found(Model(), sparkle.ones(3), sparkle.tensor([1]), True)
    assert nodes["input_1"].shape == (1,)
    assert set(nodes["Mul"].inputs) == {"input_0", "table/Embedding"}


def test_frozen_parameters_and_constants():
    constant = sparkle.ones(3, requires_grad=True)

    class Model(nn.Linear):
        def forward(self, x):
            return super().forward(x) * constant

    model = Model(3, 3)
    model.weight.requires_grad_(False)
    nodes = found(model, sparkle.ones(1, 3))
    (extra,) = [name for name in nodes if name.startswith("constant")]
    assert extra in nodes["Mul"].inputs
    assert nodes[extra].shape == (3,)


def test_failing_model_is_as_it_was():
    class Bad(nn.Linear):
        def forward(self, x):
            raise KeyError("boom")

    model = Bad(1, 1)
    with pytest.raises(KeyError):
        model_graph(model, sparkle.ones(1, 1))
    assert model.training
    assert not model._forward_hooks
    assert not model._forward_pre_hooks


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda x: x.argmax(), ValueError, "no gradient goes through Model"),
        (lambda x: "text", TypeError, "gave a str"),
    ],
)
def test_misuse(function, error, message):
    class Model(nn.Module):
        def forward(self, x):
            return function(x)

    with pytest.raises(error, match=message):
        model_graph(Model(), sparkle.ones(3))
