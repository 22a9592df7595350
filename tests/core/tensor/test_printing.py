"""How tensors print."""

from __future__ import annotations

import pytest

import sparkle

TEXTS = [
    (lambda: sparkle.tensor([1.0, 2.0]), "tensor([1., 2.])"),
    (lambda: sparkle.tensor([1.5, -2.0]), "tensor([ 1.5000, -2.0000])"),
    (lambda: sparkle.tensor([[1, 20], [300, 4]]), "tensor([[  1,  20],\n        [300,   4]])"),
    (lambda: sparkle.tensor([True, False]), "tensor([ True, False])"),
    (lambda: sparkle.tensor([1e-5, 1.0]), "tensor([1.0000e-05, 1.0000e+00])"),
    (lambda: sparkle.tensor([float("nan"), float("inf"), 1.0]), "tensor([nan, inf, 1.])"),
    (lambda: sparkle.tensor([1.5, 1500.0]), "tensor([   1.5000, 1500.0000])"),
    (lambda: sparkle.tensor([1.5, 1501.0]), "tensor([1.5000e+00, 1.5010e+03])"),
    (lambda: sparkle.tensor(3.5), "tensor(3.5000)"),
    (lambda: sparkle.tensor([]), "tensor([])"),
    (lambda: sparkle.zeros(0, 3), "tensor([], size=(0, 3))"),
    (lambda: sparkle.zeros(2, dtype=sparkle.float64), "tensor([0., 0.], dtype=sparkle.float64)"),
    (lambda: sparkle.zeros(0, dtype=sparkle.int64), "tensor([], dtype=sparkle.int64)"),
    (lambda: sparkle.ones(1, requires_grad=True), "tensor([1.], requires_grad=True)"),
    (lambda: sparkle.ones(1, requires_grad=True) + 1, "tensor([2.], grad_fn=<AddBackward0>)"),
    (lambda: sparkle.arange(2000), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
]


@pytest.mark.parametrize(("make", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_repr(make, text):
    assert repr(make()) == text
    assert sparkle.get_printoptions()["precision"] == 4


def test_options():
    try:
        sparkle.set_printoptions(precision=2, threshold=4, edgeitems=1, sci_mode=False)
        assert repr(sparkle.tensor([1e-7, 1.5])) == "tensor([0.00, 1.50])"
        assert repr(sparkle.arange(10).reshape(2, 5)) == "tensor([[0,  ..., 4],\n        [5,  ..., 9]])"
        assert repr(sparkle.arange(10).reshape(5, 2)) == "tensor([[0, 1],\n        ...,\n        [8, 9]])"
        assert repr(sparkle.arange(6).reshape(3, 2)) == "tensor([[0, 1],\n        ...,\n        [4, 5]])"
        assert repr(sparkle.arange(9)) == "tensor([0,  ..., 8])"
        sparkle.set_printoptions(linewidth=20, profile="default", sci_mode=True)
        assert repr(sparkle.tensor([1.0, 2.0])) == "tensor([1.0000e+00,\n        2.0000e+00])"
    finally:
        sparkle.set_printoptions(profile="default")
    assert sparkle.get_printoptions() == {
        "precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None,
    }
    with pytest.raises(ValueError, match="default, short, full"):
        sparkle.set_printoptions(profile="long")
