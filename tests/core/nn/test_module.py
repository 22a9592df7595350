"""Module machinery on its own: what is cheap, what is safe, and what goes beyond torch."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import sparkle
from sparkle import nn
from sparkle.nn import Module, Parameter


def state(module):
    return {k: v.numpy().copy() for k, v in module.state_dict().items()}


def same(a, b):
    assert list(a) == list(b)
    for key in a:
        np.testing.assert_array_equal(a[key], b[key])


BAD_STATES = [
    lambda s: s.pop("0.weight"),
    lambda s: s.update(more=sparkle.zeros(1)),
    lambda s: s.update({"2.bias": sparkle.zeros(7)}),
    lambda s: s.update({"2.bias": [1.0]}),
]


@pytest.mark.parametrize("spoil", BAD_STATES)
def test_refused_state_changes_nothing(spoil):
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    before = state(model)
    bad = {k: v.clone() + 1 for k, v in model.state_dict().items()}
    spoil(bad)
    with pytest.raises(RuntimeError, match="loading state_dict for Sequential"):
        model.load_state_dict(bad)
    same(before, state(model))


def test_loading_copies_and_counts_as_a_write():
    model = nn.Linear(2, 2)
    version = model.weight._version
    new = {k: v.clone() + 1 for k, v in model.state_dict().items()}
    model.load_state_dict(new)
    new["weight"].fill_(0)
    assert (model.weight != 0).all()
    assert model.weight._version > version


def test_state_dict_shares_memory_and_loads_other_types():
    model = nn.Linear(2, 2)
    model.state_dict()["bias"].fill_(5)
    assert (model.bias == 5).all()
    model.load_state_dict({k: v.double() for k, v in model.state_dict().items()})
    assert model.bias.dtype is sparkle.float32


def test_hooks_of_state_dicts():
    model, trace = nn.Sequential(nn.Linear(1, 1)), []
    model[0].register_state_dict_pre_hook(lambda m, prefix, keep: trace.append(("saving", prefix, keep)))
    model.register_state_dict_post_hook(lambda m, s, prefix, meta: s.update(extra=sparkle.zeros(1)))
    model.register_load_state_dict_pre_hook(lambda m, s, *rest: s.pop("extra"))
    handle = model.register_load_state_dict_post_hook(lambda m, keys: trace.append(keys.missing_keys))
    given = model.state_dict()
    model.load_state_dict(given)
    assert trace == [("saving", "0.", False), []]
    assert "extra" in given
    handle.remove()
    model.load_state_dict(given)
    assert len(trace) == 2


def test_calling_without_hooks_goes_straight_to_forward(monkeypatch):
    layer = nn.Linear(2, 2)
    nn.modules.module.register_module_forward_hook(lambda *args: None).remove()
    monkeypatch.setattr(Module, "_call_with_hooks", None)
    layer(sparkle.zeros(1, 2))


def test_parameter_shares_memory():
    t = sparkle.zeros(3)
    p = Parameter(t)
    t.fill_(2)
    assert (p == 2).all()
    assert p.is_leaf
    assert isinstance(p, sparkle.Tensor)
    assert type(p * 1) is sparkle.Tensor
    assert not Parameter(sparkle.tensor([1, 2]), requires_grad=False).requires_grad
    assert repr(p).startswith("Parameter containing:\ntensor([2., 2., 2.]")
    with pytest.raises(TypeError, match="wanted a Tensor or None"):
        Parameter([1.0])


def repickled(module):
    return pickle.loads(pickle.dumps(module))


@pytest.mark.parametrize("twin_of", [copy.deepcopy, repickled])
def test_twins_are_apart_and_whole(twin_of):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 1))
    model[2].__dict__["same"] = model[0]  # a plain attribute, no submodule
    model(sparkle.randn(2, 1, 4, 4)).sum().backward()
    twin = twin_of(model.eval())
    same(state(model), state(twin))
    assert twin[2].same is twin[0]
    assert not twin.training
    assert isinstance(twin[0].weight, Parameter)
    assert not np.shares_memory(twin[0].weight.array, model[0].weight.array)
    twin(sparkle.randn(2, 1, 4, 4)).sum().backward()
    assert twin[0].weight.grad is not None


def test_shared_parameters_stay_shared_in_a_copy():
    model = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
    model[1].weight = model[0].weight
    twin = copy.deepcopy(model)
    assert twin[0].weight is twin[1].weight
    assert len(list(twin.parameters())) == 3


def test_conversion_keeps_parameters_and_optimizers():
    model = nn.Linear(2, 1)
    optimizer = sparkle.optim.SGD(model.parameters(), lr=1.0)
    weight = model.weight
    model.double()
    assert model.weight is weight
    model(sparkle.ones(1, 2, dtype=sparkle.float64)).sum().backward()
    before = weight.detach().clone()
    optimizer.step()
    np.testing.assert_allclose((before - weight).detach().numpy(), 1.0)


def test_half():
    model = nn.Linear(2, 1).half()
    assert model(sparkle.ones(1, 2, dtype=sparkle.float16)).dtype is sparkle.float16


def test_backward_hooks_with_a_graph():
    """Gradients that pass through hooks can be differentiated again."""
    layer = nn.Tanh()
    seen = []
    layer.register_full_backward_hook(lambda m, gi, go: seen.append((gi[0].requires_grad, go[0].requires_grad)))
    x = sparkle.tensor([0.3, -0.2], dtype=sparkle.float64, requires_grad=True)
    (g,) = sparkle.autograd.grad(layer(x).pow(2).sum(), x, create_graph=True)
    (gg,) = sparkle.autograd.grad(g.sum(), x)
    assert seen[0] == (True, True)
    t = np.tanh(x.detach().numpy())
    np.testing.assert_allclose(g.detach().numpy(), 2 * t * (1 - t**2))
    np.testing.assert_allclose(gg.detach().numpy(), 2 * (1 - t**2) * (1 - 3 * t**2))


def test_a_write_through_a_watched_tensor_is_noticed():
    """Backward hooks hand tensors on without a copy; writes are still counted."""

    class Writes(Module):
        def forward(self, x):
            return x.mul_(2)

    layer = Writes()
    layer.register_full_backward_hook(lambda *args: None)
    x = sparkle.ones(2, requires_grad=True)
    y = x.exp()
    layer(y)
    with pytest.raises(RuntimeError, match="inplace"):
        y.sum().backward()


def test_backward_hook_misuse():
    layer = nn.Linear(2, 2)
    layer.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0]))
    x = sparkle.ones(1, 2, requires_grad=True)
    with pytest.raises(RuntimeError, match="got 2 gradients, but expected 1"):
        layer(x).sum().backward()
    with pytest.raises(TypeError, match="callable"):
        layer.register_forward_hook(3)


def test_training_false_by_default_is_not():
    assert nn.Linear(1, 1).training
    assert not nn.Sequential(nn.Dropout()).eval()[0].training


def test_dropout_scales_in_training_only():
    x = sparkle.ones(2000)
    drop = nn.Dropout(0.25)
    y = drop(x).numpy()
    assert np.round(np.unique(y).astype(float), 4).tolist() == [0.0, 1.3333]
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.05)
    assert (drop.eval()(x) == 1).all()


def test_channel_dropout_drops_channels():
    y = nn.Dropout2d(0.5)(sparkle.ones(20, 30, 2, 2)).numpy()
    assert set(np.unique(y.mean(axis=(2, 3)))) == {0.0, 2.0}


def test_importable_by_torchs_paths():
    from sparkle.nn.modules.loss import _Loss
    from sparkle.nn.modules.module import Module as Base
    from sparkle.nn.parameter import Parameter as Own
    from sparkle.nn.utils import clip_grad_norm_

    assert (Base, Own) == (Module, Parameter)
    assert issubclass(nn.MSELoss, _Loss)
    assert callable(clip_grad_norm_)


def test_every_layer_is_documented():
    for name in nn.__all__:
        thing = getattr(nn, name)
        assert thing.__doc__, name


def test_a_refusal_by_a_hook_changes_nothing():
    """Also when all fits, and after other modules were loaded; lazy ones are lazy again."""
    model = nn.Sequential(nn.Linear(2, 3), nn.LazyLinear(1), nn.BatchNorm1d(1))
    before = state(model[0])
    new = {"0.weight": sparkle.ones(3, 2), "0.bias": sparkle.ones(3), "1.weight": sparkle.ones(1, 3)}
    new |= {"1.bias": sparkle.ones(1), "2.running_mean": sparkle.ones(1)}
    model[2].register_load_state_dict_pre_hook(lambda m, s, *rest: rest[-1].append("too old"))
    for assign in (False, True):
        with pytest.raises(RuntimeError, match="too old"):
            model.load_state_dict(new, assign=assign)
        same(before, state(model[0]))
        assert model[1].has_uninitialized_params()
        assert (model[2].running_mean == 0).all()

    def fails(module, keys):
        raise KeyError("no")

    plain = nn.Sequential(nn.Linear(2, 3))
    before = state(plain)
    plain[0].register_load_state_dict_post_hook(fails)
    with pytest.raises(KeyError):
        plain.load_state_dict({k: v.clone() + 1 for k, v in plain.state_dict().items()})
    same(before, state(plain))


def test_partly_loaded_lazy_modules_say_so():
    layer = nn.LazyLinear(2)
    layer.load_state_dict({"weight": sparkle.ones(2, 3)}, strict=False)
    with pytest.raises(RuntimeError, match=r"\['weight'\] have a shape and \['bias'\] have none"):
        layer(sparkle.ones(1, 3))


def test_a_handle_of_another_program_does_not_take_a_hooks_place():
    layer = nn.ReLU()
    layer._forward_hooks.update(dict.fromkeys(range(1000), len))  # as a pickle may bring
    assert len({layer.register_forward_hook(len).id for _ in range(3)}) == 3
    assert len(layer._forward_hooks) == 1003


REFUSED = [
    (RuntimeError, r"device_ids=\[0, 1\]", lambda: nn.DataParallel(nn.ReLU(), device_ids=[0, 1])),
    (RuntimeError, "dim=0, met 1", lambda: nn.DataParallel(nn.ReLU(), dim=1)),
    (RuntimeError, "output_device 1", lambda: nn.DataParallel(nn.ReLU(), device_ids=[0], output_device=1)),
    (NotImplementedError, "process groups", lambda: nn.SyncBatchNorm(2, process_group=3)),
    (NotImplementedError, "process groups", lambda: nn.SyncBatchNorm.convert_sync_batchnorm(nn.ReLU(), 3)),
    (NotImplementedError, "options is not supported", lambda: nn.LinearCrossEntropyLoss(2, 3, options=3)),
]


@pytest.mark.parametrize(("kind", "message", "call"), REFUSED)
def test_what_is_not_supported_is_named(kind, message, call):
    with pytest.raises(kind, match=message):
        call()


def test_cross_map_normalisation_has_the_gradient_of_its_formula():
    x = sparkle.rand(2, 5, 1, 2, dtype=sparkle.float64, requires_grad=True)
    assert sparkle.autograd.gradcheck(nn.CrossMapLRN2d(3, 0.5, 0.75, 1.0), (x,))
