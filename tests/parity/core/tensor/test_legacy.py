"""The legacy constructors and Variable, against torch."""

from __future__ import annotations

import pytest

from tests.parity.outcome import check_same

EXPRESSIONS = [
    "x.type()",
    "x.type(L.DoubleTensor)",
    "L.FloatTensor()",
    "L.FloatTensor(3, 2).shape",
    "L.FloatTensor([[1, 2]])",
    "L.FloatTensor((1, 2))",
    "L.FloatTensor(L.Size([2, 3])).shape",
    "L.FloatTensor(3).shape",
    "L.FloatTensor(2.5)",
    "L.FloatTensor('a')",
    "L.FloatTensor(None)",
    "L.FloatTensor(np.array([1.0, 2.0]))",
    "L.FloatTensor(np.array([1, 2]))",
    "L.LongTensor(np.array([1.5, 2]))",
    "L.LongTensor([1.5])",
    "L.LongTensor(np.float64(3))",
    "L.LongTensor(np.int64(3)).shape",
    "L.LongTensor(L.tensor([1, 2]))",
    "L.LongTensor(L.tensor([1.0, 2]))",
    "L.FloatTensor(L.tensor(3.0))",
    "L.FloatTensor(L.tensor(3)).shape",
    "L.LongTensor(L.tensor(3)).shape",
    "L.LongTensor(range(3))",
    "L.LongTensor([np.int64(1)])",
    "L.FloatTensor([L.tensor(1.0), 2])",
    "L.FloatTensor([1], dtype=L.float64)",
    "L.FloatTensor(2, [3])",
    "L.Tensor([1, 2]).dtype",
    "L.Tensor(2, 3).shape",
    "L.Tensor(x) is x",
    "L.Tensor(i)",
    "L.Tensor(np.array([1, 2]))",
    "L.Tensor(3.5)",
    "L.Tensor([[1], [2, 3]])",
    "L.Tensor(2, -1)",
    "L.ByteTensor([300])",
    "L.ByteTensor([-1])",
    "L.BoolTensor([0, 1, 2])",
    "L.FloatTensor",
    "isinstance(x, L.FloatTensor)",
    "isinstance(i, L.FloatTensor)",
    "issubclass(L.FloatTensor, L.Tensor)",
    "L.FloatTensor.dtype",
    "L.autograd.Variable(x)",
    "L.autograd.Variable(x, requires_grad=True)",
    "L.autograd.Variable(r)",
    "L.autograd.Variable(r, requires_grad=False).requires_grad",
    "L.autograd.Variable([1])",
    "L.autograd.Variable(i, requires_grad=True)",
    "isinstance(x, L.autograd.Variable)",
    "isinstance(x.double(), L.DoubleTensor)",
    "L.set_default_tensor_type('torch.IntTensor')",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_same_as_torch(expression: str) -> None:
    check_same(expression)
