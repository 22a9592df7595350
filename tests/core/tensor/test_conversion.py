"""Conversions between types, devices, NumPy and Python; copies and pickles; facts about memory."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import sparkle

CASTS = ["double", "float", "half", "long", "int", "short", "char", "byte", "bool"]


@pytest.mark.parametrize("name", CASTS)
def test_casts_by_name(name):
    dtype = getattr(sparkle, {"char": "int8", "byte": "uint8"}.get(name, name))
    x = getattr(sparkle.tensor([0, 1, 2]), name)()
    assert x.dtype is dtype
    assert getattr(x, name)() is x


TO = [
    (lambda x: x.to(sparkle.float64), "float64"),
    (lambda x: x.to(float), "float64"),
    (lambda x: x.to(dtype=sparkle.int32), "int32"),
    (lambda x: x.to("cpu"), "float32"),
    (lambda x: x.to("cpu", sparkle.float64), "float64"),
    (lambda x: x.to(sparkle.device("cpu"), sparkle.float64, True, True), "float64"),
    (lambda x: x.to(sparkle.zeros(1, dtype=sparkle.int8)), "int8"),
    (lambda x: x.to(sparkle.float64, non_blocking=True, copy=True), "float64"),
    (lambda x: x.to(device=None, dtype=sparkle.float16), "float16"),
    (lambda x: x.to(), "float32"),
    (lambda x: x.type_as(sparkle.zeros(1, dtype=sparkle.int8)), "int8"),
]


@pytest.mark.parametrize(("convert", "wanted"), TO)
def test_to(convert, wanted):
    x = sparkle.tensor([1.5, 2.5])
    y = convert(x)
    assert y.dtype.name == wanted
    assert (y is x) == (wanted == "float32")


def test_to_copies_when_asked():
    x = sparkle.ones(2)
    for y in (x.to(sparkle.float32, copy=True), x.to("cpu", copy=True), x.to(x, copy=True)):
        assert y.data_ptr() != x.data_ptr()
    image = sparkle.zeros(1, 2, 3, 3)
    assert image.to(memory_format=sparkle.channels_last).is_contiguous(memory_format=sparkle.channels_last)


@pytest.mark.parametrize("args", [(sparkle.float64, sparkle.float32), ("cpu", "cpu"), (1.5,)])
def test_to_refuses(args):
    with pytest.raises((TypeError, RuntimeError)):
        sparkle.ones(2).to(*args)


def test_gradients_flow_through_casts():
    x = sparkle.ones(2, requires_grad=True)
    x.double().sum().backward()
    assert (x.grad.dtype, x.grad.tolist()) == (sparkle.float32, [1.0, 1.0])
    assert not x.long().requires_grad


def test_cuda_is_refused_where_there_is_none():
    from sparkle.core import backend

    if backend.cuda_device_count():
        pytest.skip("there is a CUDA device")
    x = sparkle.ones(2)
    for call in (x.cuda, lambda: x.to("cuda"), lambda: x.to(0), x.pin_memory, lambda: sparkle.zeros(2, device=0)):
        with pytest.raises(RuntimeError, match=r"CUDA|CuPy"):
            call()
    with pytest.raises(RuntimeError, match="cuda device"):
        x.cuda("cpu")


@pytest.mark.cuda
def test_cuda_and_back():
    x = sparkle.arange(3.0, requires_grad=True)
    y = x.cuda()
    assert y.is_cuda
    assert y.type() == "sparkle.cuda.FloatTensor"
    (y * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(TypeError, match="cpu"):
        y.detach().numpy()
    assert y.detach().cpu().numpy().tolist() == [0.0, 1.0, 2.0]
    assert x.detach().pin_memory().is_pinned()


@pytest.mark.cuda
def test_cuda_random_numbers_continue_from_a_state():
    g = sparkle.Generator("cuda").manual_seed(3)
    sparkle.rand(5, generator=g)
    state = g.get_state()
    wanted = sparkle.rand(4, generator=g).tolist(), sparkle.randperm(9, generator=g).tolist()
    g.set_state(state)
    assert (sparkle.rand(4, generator=g).tolist(), sparkle.randperm(9, generator=g).tolist()) == wanted
    assert sparkle.randn(2, 3, device="cuda").std().item() > 0


def test_numpy_shares_memory():
    x = sparkle.zeros(3)
    x.numpy()[0] = 5
    assert x.tolist() == [5.0, 0.0, 0.0]
    assert np.asarray(x).ctypes.data == x.data_ptr()
    assert np.array(x, dtype=np.int32).dtype == np.int32
    assert isinstance(np.sin(x), sparkle.Tensor)


def test_numpy_refuses_what_requires_grad():
    x = sparkle.zeros(3, requires_grad=True)
    for call in (x.numpy, (x * 2).numpy, lambda: np.asarray(x), lambda: np.from_dlpack(x)):
        with pytest.raises((RuntimeError, BufferError), match="detach"):
            call()
    assert x.numpy(force=True).tolist() == [0.0, 0.0, 0.0]


def test_one_element_becomes_a_python_number():
    x = sparkle.tensor([[2.5]])
    assert (x.item(), float(x), int(x), complex(x), x.tolist()) == (2.5, 2.5, 2, 2.5 + 0j, [[2.5]])
    assert type(sparkle.tensor(True).item()) is bool
    assert type(sparkle.tensor(3).item()) is int
    assert "abc"[sparkle.tensor(1)] == "b"
    assert list(range(sparkle.tensor(3))) == [0, 1, 2]
    assert f"{sparkle.tensor(1.234):.2f}" == "1.23"
    assert f"{sparkle.tensor([1.5])}" == "tensor([1.5000])"


@pytest.mark.parametrize(
    ("call", "error"),
    [(lambda x: x.item(), RuntimeError), (float, ValueError), (int, ValueError), (lambda x: [1][x], TypeError),
     (lambda x: f"{x:.2f}", TypeError), (lambda x: "a" in x, RuntimeError), (lambda x: None in x, RuntimeError)],
)
def test_several_elements_do_not(call, error):
    with pytest.raises(error):
        call(sparkle.tensor([1.0, 2.0]))


def test_floating_point_is_no_index():
    with pytest.raises(TypeError, match="integer"):
        [1, 2][sparkle.tensor(1.0)]


def test_contains():
    x = sparkle.tensor([1.0, 2.0])
    assert 2 in x
    assert 3.0 not in x
    assert sparkle.tensor(2.0) in x


def test_type_names():
    x = sparkle.ones(2)
    assert x.type() == "sparkle.FloatTensor"
    assert x.type("torch.DoubleTensor").type("sparkle.LongTensor").type() == "sparkle.LongTensor"
    assert x.type(sparkle.float32) is x
    with pytest.raises(ValueError, match="invalid type"):
        x.type("DoubleTrouble")


def test_copy_and_deepcopy():
    x = sparkle.arange(6.0).reshape(2, 3).t().requires_grad_()
    x.note = ["kept"]
    (x * x).sum().backward()
    shallow, deep = copy.copy(x), copy.deepcopy(x)
    assert shallow.data_ptr() == x.data_ptr()
    assert deep.data_ptr() != x.data_ptr()
    assert deep.stride() == x.stride()
    assert deep.grad.tolist() == x.grad.tolist()
    assert deep.grad.data_ptr() != x.grad.data_ptr()
    assert deep.note == ["kept"]
    assert deep.note is not x.note
    assert deep.requires_grad
    x.itself = [x]
    twin = copy.deepcopy(x)
    assert twin.itself[0] is twin
    first, second = copy.deepcopy([x, x])
    assert first is second
    with pytest.raises(RuntimeError, match="leaves"):
        copy.deepcopy(x * 2)


def test_copy_counts_writes_together():
    x = sparkle.zeros(2)
    y = copy.copy(x)
    y.add_(1)
    assert x._version == 1


@pytest.mark.parametrize("protocol", [2, 5])
def test_pickle(protocol):
    x = sparkle.arange(6.0).reshape(2, 3).requires_grad_()
    x.note = "kept"
    y = pickle.loads(pickle.dumps(x, protocol))
    assert (y.tolist(), y.requires_grad, y.is_leaf, y.note) == (x.tolist(), True, True, "kept")
    z = pickle.loads(pickle.dumps(x * 2, protocol))
    assert (z.requires_grad, z.is_leaf) == (True, True)
    for thing in (sparkle.float32, sparkle.strided, sparkle.channels_last):
        assert pickle.loads(pickle.dumps(thing, protocol)) is thing
    assert pickle.loads(pickle.dumps(x.shape, protocol)) == x.shape
    assert pickle.loads(pickle.dumps(x.device, protocol)) == x.device


def test_storage_is_shared_by_views():
    points = sparkle.tensor([[4.0, 1.0], [5.0, 3.0], [2.0, 1.0]])
    storage = points.storage()
    assert (len(storage), storage.size(), storage[0], storage.dtype) == (6, 6, 4.0, sparkle.float32)
    storage[0] = 7.0
    assert points[0, 0].item() == 7.0
    assert points._version == 1
    second = points[1]
    assert (second.storage_offset(), second.stride(), list(second.storage())) == (2, (1,), list(storage))
    assert points.t().storage().data_ptr() == storage.data_ptr() == points.untyped_storage().data_ptr()
    assert points.clone().storage().data_ptr() != storage.data_ptr()
    assert points.t().storage().tolist() == [7.0, 1.0, 5.0, 3.0, 2.0, 1.0]
    storage[1:3] = 0
    assert points.tolist() == [[7.0, 0.0], [0.0, 3.0], [2.0, 1.0]]


def test_storage_prints_and_refuses():
    x = sparkle.tensor([1.0, 2.0])
    assert repr(x.storage()) == (
        " 1.0\n 2.0\n[sparkle.storage.TypedStorage(dtype=sparkle.float32, device=cpu) of size 2]"
    )
    raw = x.untyped_storage()
    assert (raw.nbytes(), len(raw), raw[3]) == (8, 8, 63)
    assert "UntypedStorage" in repr(raw)
    for wrong in (2, -3):
        with pytest.raises(IndexError, match="2 elements"):
            x.storage()[wrong]
    with pytest.raises(RuntimeError, match="slices"):
        x.storage()[0:1]


def test_memory_facts():
    x = sparkle.zeros(2, 3)
    assert (x.element_size(), x.itemsize, x.nbytes) == (4, 4, 24)
    assert (x.is_cuda, x.is_cpu, x.get_device(), x.is_pinned(), x.is_shared()) == (False, True, -1, False, False)
    assert (x.layout, x.is_sparse, x.is_meta, x.is_quantized) == (sparkle.strided, False, False, False)
    assert x.is_same_size(sparkle.ones(2, 3))
    assert x.is_set_to(x.detach())
    assert not x.is_set_to(x.t())
    with pytest.raises(NotImplementedError, match="processes"):
        x.share_memory_()
    assert not hasattr(x, "no_such_name")
