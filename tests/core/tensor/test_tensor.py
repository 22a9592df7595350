"""The fields of a tensor and Python's protocols."""

from __future__ import annotations

import pytest

import sparkle


def test_shape_and_size():
    x = sparkle.zeros(2, 3)
    assert (x.shape, x.size(), x.size(0), x.size(-1), x.size(dim=1)) == ((2, 3), (2, 3), 2, 3, 3)
    assert (x.ndim, x.dim(), x.ndimension(), x.numel(), x.nelement(), len(x)) == (2, 2, 2, 6, 6, 2)
    assert (x.dtype, x.device) == (sparkle.float32, sparkle.device("cpu"))
    for dim in (2, -3):
        with pytest.raises(IndexError, match="out of range"):
            x.size(dim)
    with pytest.raises(IndexError):
        sparkle.tensor(1.0).size(0)


def test_size_is_a_tuple():
    size = sparkle.Size([2, 3])
    assert (size, size.numel(), hash(size)) == ((2, 3), 6, hash((2, 3)))
    assert repr(size) == "sparkle.Size([2, 3])"
    made = (size + (1,), (1,) + size, size * 2, size[:1])  # noqa: RUF005 - Size's own +
    assert [type(s) for s in made] == [sparkle.Size] * 4
    assert type(size[0]) is int
    with pytest.raises(TypeError, match="tuple"):
        size + [1]  # noqa: RUF005 - Size's own +


def test_iteration():
    x = sparkle.arange(6).reshape(3, 2)
    assert [row.tolist() for row in x] == [[0, 1], [2, 3], [4, 5]]
    a, _, c = x
    assert (a.data_ptr(), c.tolist()) == (x.data_ptr(), [4, 5])
    for call in (len, iter):
        with pytest.raises(TypeError, match="0-d"):
            call(sparkle.tensor(1))


def test_truth():
    assert sparkle.tensor([[2]])
    assert not sparkle.tensor(0.0)
    for x in (sparkle.tensor([]), sparkle.ones(2)):
        with pytest.raises(RuntimeError, match="ambiguous"):
            bool(x)


def test_tensors_hash_by_identity():
    x, y = sparkle.ones(2), sparkle.ones(2)
    assert {x: 1, y: 2}[x] == 1
    assert len({x, y, x}) == 2


def test_requires_grad():
    x = sparkle.ones(2)
    assert (x.requires_grad, x.is_leaf, x.grad_fn, x.grad) == (False, True, None, None)
    assert x.requires_grad_() is x
    y = x * 2
    assert (y.requires_grad, y.is_leaf) == (True, False)
    assert y.grad_fn.name() == "MulBackward0"
    with pytest.raises(RuntimeError, match="leaf"):
        y.requires_grad = False
    with pytest.raises(RuntimeError, match="floating point"):
        sparkle.ones(2, dtype=sparkle.int64).requires_grad_()


def test_grad_can_be_set_to_what_fits():
    x = sparkle.ones(2, requires_grad=True)
    x.grad = sparkle.zeros(2)
    assert x.grad.tolist() == [0.0, 0.0]
    x.grad = None
    assert x.grad is None
    with pytest.raises(TypeError):
        x.grad = 3
    for wrong in (sparkle.ones(3), sparkle.ones(2).double(), x):
        with pytest.raises(RuntimeError):
            x.grad = wrong


def test_data_and_detach_share_memory_without_history():
    x = sparkle.ones(2, requires_grad=True)
    for y in (x.data, x.detach()):
        assert (y.requires_grad, y.data_ptr()) == (False, x.data_ptr())
    x.data.mul_(2)
    assert (x.tolist(), x._version) == ([2.0, 2.0], 0)
    x.detach().mul_(2)
    assert (x.tolist(), x._version) == ([4.0, 4.0], 1)
    x.data = sparkle.zeros(3)
    assert x.tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(TypeError, match="tensor"):
        x.data = [1.0]


def test_detach_in_place():
    x = sparkle.ones(2, requires_grad=True)
    y = x * 2
    assert y.detach_() is y
    assert (y.requires_grad, y.is_leaf) == (False, True)
    with pytest.raises(RuntimeError, match="views"):
        (x * 2).view(2, 1).detach_()


def test_hooks_and_retained_gradients():
    x = sparkle.ones(2, requires_grad=True)
    y = x * 2
    y.retain_grad()
    seen = []
    handle = y.register_hook(lambda g: seen.append(g.tolist()) or g * 10)
    x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.tolist()))
    y.sum().backward()
    assert seen == [[1.0, 1.0], [20.0, 20.0]]
    assert y.retains_grad
    handle.remove()
    (x * 2).sum().backward()
    assert seen[2:] == [[22.0, 22.0]]
    for call in (sparkle.ones(1).retain_grad, lambda: sparkle.ones(1).register_hook(print)):
        with pytest.raises(RuntimeError):
            call()


def test_legacy_constructor_of_the_class():
    assert sparkle.Tensor(2, 3).shape == (2, 3)
    assert sparkle.Tensor([1, 2]).tolist() == [1.0, 2.0]
    assert sparkle.Tensor().shape == (0,)
