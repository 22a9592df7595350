"""Views share memory and the count of writes with their source; copies do not."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle

VIEWS = {
    "int": lambda x: x[1],
    "ints_to_0d": lambda x: x[0, 1, 2],
    "slice": lambda x: x[:, 1:],
    "none": lambda x: x[None],
    "dots": lambda x: x[...],
    "tensor_0d": lambda x: x[sparkle.tensor(1)],
    "view": lambda x: x.view(6, 4),
    "view_of_permuted": lambda x: x.permute(2, 0, 1).view(4, 6),
    "reshape": lambda x: x.reshape(-1),
    "flatten": lambda x: x.flatten(1),
    "unflatten": lambda x: x.unflatten(2, (2, 2)),
    "squeeze": lambda x: x[:1].squeeze(0),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "transpose": lambda x: x.transpose(0, 2),
    "t": lambda x: x[0].t(),
    "T": lambda x: x[0].T,
    "mT": lambda x: x.mT,
    "permute": lambda x: x.permute(2, 0, 1),
    "movedim": lambda x: x.movedim(0, 2),
    "expand": lambda x: x.expand(5, 2, 3, 4)[3],
    "expand_adds_ones": lambda x: x.expand(1, 2, 3, 4),
    "narrow": lambda x: x.narrow(1, 1, 2),
    "select": lambda x: x.select(2, 1),
    "diagonal": lambda x: x.diagonal(0, 1, 2),
    "unfold": lambda x: x.unfold(2, 2, 1),
    "split": lambda x: x.split(2, 1)[0],
    "chunk": lambda x: x.chunk(2)[1],
    "unbind": lambda x: x.unbind(1)[2],
    "iter": lambda x: next(iter(x)),
    "as_strided": lambda x: x.as_strided((2, 2), (3, 1), 1),
    "detach": lambda x: x.detach(),
    "view_dtype": lambda x: x.view(sparkle.int32),
    "chain": lambda x: x[1].t()[1:].reshape(-1, 1, 3).squeeze(1)[::2],
}
COPIES = {
    "list": lambda x: x[[0, 1]],
    "mask": lambda x: x[x > -1],
    "clone": lambda x: x.clone(),
    "reshape": lambda x: x.transpose(0, 2).reshape(-1),
    "contiguous": lambda x: x.transpose(0, 2).contiguous(),
    "flip": lambda x: x.flip(0),
    "repeat": lambda x: x.repeat(1, 1, 1),
    "diag": lambda x: x[0].diag(),
    "gather": lambda x: x.gather(0, sparkle.zeros((1, 3, 4), dtype=sparkle.int64)),
    "cat": lambda x: sparkle.cat([x]),
}


def source():
    return sparkle.arange(24.0).reshape(2, 3, 4).clone()


@pytest.mark.parametrize("see", VIEWS.values(), ids=VIEWS)
def test_view_shares_memory_and_version(see):
    x = source()
    v = see(x)
    assert np.shares_memory(x.numpy(), v.numpy())
    before = x._version
    x.mul_(2)
    assert v._version == x._version == before + 1
    assert np.array_equal(v.numpy(), see(x).numpy())


@pytest.mark.parametrize("see", [v for k, v in VIEWS.items() if k not in ("expand", "unfold", "view_dtype")])
def test_writing_a_view_writes_the_source(see):
    x = source()
    see(x).fill_(-1)
    expected = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4)
    twin = sparkle.from_numpy(expected)
    see(twin).numpy()[...] = -1
    assert np.array_equal(x.numpy(), expected)
    assert x._version == 1
    assert (x.numpy() == -1).any()


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_copy_shares_nothing(copy):
    x = source()
    y = copy(x)
    assert not np.shares_memory(x.numpy(), y.numpy())
    y.fill_(-1)
    assert (x >= 0).all()
    assert x._version == 0


def test_expanded_view_refuses_writes():
    v = sparkle.zeros(3, 1).expand(3, 2)
    for write in (
        lambda: v.add_(1),
        lambda: v.copy_(sparkle.ones(3, 2)),
        lambda: v.__setitem__(0, 1),
        lambda: v[0].zero_(),
    ):
        with pytest.raises(RuntimeError, match="single memory location"):
            write()


def test_contiguous_gives_the_tensor_itself_where_it_can():
    x = source()
    assert x.contiguous() is x
    assert x.flatten(1, 1) is x
    assert x.mT.contiguous().is_contiguous()


def test_channels_last_is_an_order_in_memory():
    x = sparkle.arange(48.0).reshape(2, 3, 4, 2)
    y = x.contiguous(memory_format=sparkle.channels_last)
    assert y.stride() == (24, 1, 6, 3)
    assert y.is_contiguous(memory_format=sparkle.channels_last)
    assert not y.is_contiguous()
    assert y.clone().stride() == y.stride()
    assert y.clone(memory_format=sparkle.contiguous_format).is_contiguous()
    assert np.array_equal(x.numpy(), y.numpy())


def test_views_of_gradients_do_not_leak_memory():
    x = sparkle.ones(3, requires_grad=True)
    (x[:2].sum() + x[1:].sum()).backward()
    assert x.grad.tolist() == [1.0, 2.0, 1.0]


def test_results_of_convolutions_are_viewed_whatever_their_layout():
    """Programs flatten them with view(), and torch lays them out in a row."""
    x, w = sparkle.randn(2, 3, 8, 8), sparkle.randn(4, 3, 3, 3, requires_grad=True)
    y = sparkle.nn.functional.max_pool2d(sparkle.nn.functional.conv2d(x, w), 2)
    assert not y.is_contiguous()
    flat = y.view(2, -1)
    np.testing.assert_array_equal(flat.detach().numpy(), y.detach().numpy().reshape(2, -1))
    flat.sum().backward()
    assert w.grad.shape == w.shape
    with pytest.raises(RuntimeError, match="view: view size"):
        sparkle.zeros(2, 8, 8, 3).permute(0, 3, 1, 2).view(2, -1)
