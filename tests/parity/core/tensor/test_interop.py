"""NumPy, DLPack, copies, pickles and Python's protocols, against torch."""

from __future__ import annotations

import pytest

from tests.parity.outcome import check_same

EXPRESSIONS = r"""
np.exp(x)
np.add(x, 1)
np.add(x, np.ones(2))
np.add(np.ones(2), x)
np.std(m)
np.concatenate([x, x])
np.stack([x, x])
np.asarray(x)
np.array(x)
np.array([x, x])
np.array(m, dtype=np.float64)
np.asarray(m, dtype=int)
np.asarray(x, dtype=np.float64, copy=False)
np.exp(r)
np.asarray(r)
np.array(y)
np.dot(x, x)
np.matmul(m, m.t())
np.sqrt(i)
np.argmax(m)
np.argsort(x)
np.where(x > 1)
np.where(x > 1, x, 0)
np.allclose(x, x)
np.array_equal(x, x)
np.testing.assert_allclose(x, x)
np.ones_like(x)
np.zeros_like(i)
np.reshape(m, (3, 2))
np.transpose(m)
np.clip(x, 0, 1)
np.linalg.norm(x)
np.unique(i)
np.vstack([x, x])
np.expand_dims(x, 0)
np.squeeze(x)
np.cumsum(x)
np.round(x)
np.repeat(x, 2)
np.broadcast_to(x, (3, 2))
np.minimum(x, 1)
np.float32(s)
np.int64(i[0])
float(np.float64(s))
i + np.ones(3)
x + np.ones(2)
x * np.ones(2)
x - np.ones(2)
np.ones(2) / x
x / np.ones(2)
x ** np.ones(2)
np.ones(2) == x
x == np.ones(2)
x // np.ones(2)
x % np.ones(2)
np.ones((2, 2)) @ x
x @ np.ones((2, 2))
f64 * x
x * f64
f64 + i
i + f64
f64 - x
x / f64
f64 / x
f64 ** x
x ** f64
f64 < x
x == f64
np.int64(3) * x
np.int64(3) + i
i * np.int64(3)
np.float32(3) * i
i * np.float32(3)
np.bool_(True) * x
np.float64(2) * r
r * np.float64(2)
x.__array_priority__
x + [1, 2]
[1, 2] + x
x + (1, 2)
x + None
x + 'a'
'a' + x
x * 'a'
x == None
x == 'a'
x != None
x != 'a'
x == [1, 2]
None == x
x < None
x in [x]
x in {x: 1}
len({x, x})
hash(x) == hash(x)
{x: 1}[x]
[t for t in m]
list(x)
len(m)
len(L.tensor(1))
iter(L.tensor(1))
reversed(i)
list(reversed(i))
2 in i
L.tensor(2) in i
max(x)
min(i)
sum(x)
sum(m)
sorted(L.tensor([3, 1, 2]))
any(b)
all(b)
divmod(x, 2)
divmod(i, i)
divmod(7, i)
abs(-x)
round(L.tensor(2.6))
round(L.tensor([2.65, 1.23]), 1)
round(x)
math.floor(s)
math.ceil(s)
math.trunc(s)
math.sqrt(s)
math.exp(L.tensor([1.0]))
math.sin(x)
math.isnan(s)
math.floor(x)
math.ceil(x)
math.trunc(x)
int(s)
int(x)
float(i)
complex(s)
complex(x)
float(L.tensor(3))
int(b[0])
bool(x)
bool(L.tensor([]))
bool(L.tensor([0.0]))
bool(L.zeros(1, 1, 1))
bool(L.zeros(0, 2))
operator.index(L.tensor(3))
operator.index(L.tensor([3]))
operator.index(b[0])
operator.index(s)
operator.index(i)
'abc'[L.tensor(1)]
[1, 2, 3][L.tensor(1):]
list(range(L.tensor(3)))
list(range(3))[L.tensor(0):L.tensor(2)]
range(s)
f'{s:.3f}'
f'{s}'
f'{x}'
f'{x:.3f}'
f'{x[0]:.1f}'
f'{i[0]:03d}'
f'{b[0]}'
f'{s:10.2e}'
f'{s!r}'
format(s, '')
format(x, '')
'%.2f' % s
'%s' % s
'{:.2f}'.format(s)
str(s)
isinstance(x, L.FloatTensor)
isinstance(i, L.FloatTensor)
isinstance(i, L.LongTensor)
isinstance(x, L.Tensor)
isinstance(L.nn.Parameter(x), L.Tensor)
isinstance(L.nn.Parameter(x), L.nn.Parameter)
isinstance(x, L.nn.Parameter)
x.type()
h.type()
L.nn.Parameter(x).type()
x.type(L.LongTensor)
x.type('torch.LongTensor')
x.type(L.float16)
L.is_tensor(x)
L.is_tensor(np.ones(2))
memoryview(x)
bytes(u)
bytearray(u)
bytes(x)
x.tolist()
m.tolist()
b.tolist()
s.tolist()
h.tolist()
x.item()
s.item()
b[0].item()
type(s.item())
type(i[0].item())
x.numpy() is None
x.numpy().dtype
x.detach().numpy().flags.writeable
x.__array__()
x.__array__(np.float64)
x.__array__(dtype=int)
m.t().numpy().strides
i.numpy().dtype
np.asarray(L.tensor(2.0)).shape
np.asarray(L.zeros(0, 3)).shape
np.asarray(h).dtype
np.asarray(b)
x.new_tensor(np.ones(2))
x.__len__()
x.__bool__()
dir(x) is None
x.shape[0]
x.size()
x.size()[0]
x.shape == (2,)
x.shape == [2]
tuple(x.shape)
m.shape[1:]
m.shape[-1]
L.Size((1, 2)) == (1, 2)
hash(L.Size((1, 2))) == hash((1, 2))
L.Size([L.tensor(2), 3])
L.Size([1.5])
L.Size(['a'])
L.Size([2, 3]).count(2)
L.Size([2, 3]).index(3)
isinstance(L.Size([2, 3]), tuple)
functools.reduce(operator.mul, m.shape)
math.prod(m.shape)
np.prod(m.shape)
pickle.loads(pickle.dumps(L.Size([2, 3])))
pickle.loads(pickle.dumps(L.float32)) is L.float32
pickle.loads(pickle.dumps(L.device('cpu')))
pickle.loads(pickle.dumps(L.device('cuda', 1)))
pickle.loads(pickle.dumps(L.nn.Parameter(x)))
type(pickle.loads(pickle.dumps(L.nn.Parameter(x)))) is L.nn.Parameter
pickle.loads(pickle.dumps(m.t())).stride()
pickle.loads(pickle.dumps(m[0])).tolist()
pickle.loads(pickle.dumps(L.channels_last)) is L.channels_last
pickle.loads(pickle.dumps(L.strided)) is L.strided
copy.copy(m) is m
copy.copy(m).data_ptr() == m.data_ptr()
copy.deepcopy(m).data_ptr() == m.data_ptr()
copy.deepcopy(m.t()).stride()
copy.deepcopy(L.nn.Parameter(x))
copy.deepcopy(y)
copy.deepcopy(y.detach())
copy.deepcopy(L.float32) is L.float32
copy.deepcopy(L.device('cpu'))
copy.deepcopy(L.Size([1]))
[t.data_ptr() for t in copy.deepcopy([m, m])][0] is None
(lambda p: p[0] is p[1])(copy.deepcopy([m, m]))
(lambda p: p[0].data_ptr() == p[1].data_ptr())(copy.deepcopy([m, m[0]]))
(lambda p: p[1].fill_(9) is p[0])(copy.deepcopy([m, m[0]]))
(lambda p: (p[1].fill_(9), p[0])[1])(copy.deepcopy([m, m[1]]))
(lambda p: (p[1].fill_(9), p[0])[1])(pickle.loads(pickle.dumps([m, m[1]])))
L.newaxis is None
x[:, L.newaxis].shape
x[L.newaxis].shape
x + np.float64(1)
h + np.float64(1)
x.clamp(np.float64(0), np.float64(1.5))
L.clamp(x, min=np.float64(1.5))
x.add(x, alpha=np.float64(2))
x.sub(1, alpha=np.float64(2))
x.pow(np.float64(2))
x ** np.int64(2)
i ** np.int64(2)
L.pow(np.float64(2), x)
x.lerp(x * 2, np.float64(0.5))
x.masked_fill(x > 1, np.float64(3))
x.fill_(np.float64(3))
L.full((2,), np.float64(3))
L.full((2,), np.float32(3))
L.full((2,), np.int64(3))
L.full_like(x, np.float64(3))
L.where(x > 1, x, np.float64(0))
x.addcmul(x, x, value=np.float64(2))
L.nn.functional.leaky_relu(x, np.float64(0.1))
L.nn.functional.elu(-x, np.float64(0.1))
L.nn.functional.softplus(x, np.float64(2))
L.nn.functional.gelu(x)
L.nn.functional.dropout(x, np.float64(0.0))
x.mul_(np.float64(2))
x.add_(np.float64(2))
x.div(np.float64(2))
x.remainder(np.float64(2))
x.fmod(np.float64(2))
x.floor_divide(np.float64(2))
x.copysign(np.float64(-2))
x.xlogy(np.float64(2))
np.float64(2) % x
np.float64(2) // x
x.hypot(np.float64(2))
L.atan2(x, np.float64(2))
x.new_full((2,), np.float64(2))
L.arange(np.float64(0), np.float64(2), np.float64(0.5))
L.arange(np.int64(3))
L.linspace(np.float64(0), np.float64(1), np.int64(3))
L.zeros(np.int64(2), np.int32(2))
L.zeros((np.int64(2),))
L.ones(2, 2).reshape(np.int64(4))
L.ones(2, 2).sum(np.int64(1))
L.renorm(m, np.float64(2), 0, np.float64(1))
L.eye(np.int64(2))
x[np.int64(0)]
x[np.array([0, 1])]
x[np.array([True, False])]
m[np.int64(0), 1:]
m[:, np.array([0, 2])]
x.view(np.int64(2))
L.logit(x / 3, np.float64(0.1))
L.nan_to_num(x, np.float64(0))
L.addcdiv(x, x, x, value=np.float64(2))
L.addmm(x, m.t(), x, beta=np.float64(2))
L.std(x, correction=np.float64(0))
L.quantile(x, np.float64(0.5))
L.cumsum(x, np.int64(0))
x.mean(np.int64(0))
L.nn.functional.smooth_l1_loss(x, x * 2, beta=np.float64(1))
L.nn.functional.huber_loss(x, x * 2, delta=np.float64(1))
L.sigmoid(x) * np.float32(2)
L.tensor(np.float64(1.5))
L.tensor([np.float64(1.5)])
L.tensor([np.float32(1.5), 2])
L.tensor(np.int32(1))
L.tensor([np.int64(1), 2.0])
L.tensor([True, 2])
L.tensor(np.bool_(True))
x == np.float64(1)
x > np.float64(1)
i + np.array(1.5)
L.mul(np.float64(2), x)
L.maximum(x, np.ones(2))
x.__setitem__(0, np.float64(3)) or x
x.__setitem__(slice(None), np.ones(2)) or x
x.__setitem__(0, np.ones(1)) or x
x.index_fill_(0, i[:1] * 0, np.float64(2))
x.fill_(L.tensor(2))
L.softmax(x, np.int64(0))
L.from_dlpack(np.arange(6.0).reshape(2, 3).T)
L.from_dlpack(np.arange(6.0).reshape(2, 3).T).stride()
L.from_dlpack(np.array(3.0))
L.from_dlpack(np.zeros((0, 3)))
L.from_dlpack(np.array([True, False]))
L.from_dlpack(np.arange(3, dtype=np.uint8))
L.from_dlpack(np.arange(6)[::2])
(lambda a: (L.from_dlpack(a).fill_(7), a)[1])(np.zeros(2))
(lambda a: (np.from_dlpack(a).__class__, a)[1])(x)
(lambda a: (a.fill_(5), np.from_dlpack(a)))(x)[1]
(lambda t: (lambda a: (t.fill_(5), a)[1])(np.from_dlpack(t)))(x)
np.from_dlpack(m.t()).strides
np.from_dlpack(b)
np.from_dlpack(L.tensor(2.0))
np.from_dlpack(L.zeros(0, 3)).shape
np.from_dlpack(r)
np.from_dlpack(y)
np.from_dlpack(r.detach())
np.from_dlpack(m[:, 1])
np.from_dlpack(h)
L.from_dlpack(r)
L.from_dlpack(x) is x
L.from_dlpack(x).data_ptr() == x.data_ptr()
L.from_dlpack(3)
L.from_dlpack(x, device='cpu')
L.from_dlpack(np.ones(2), device='cpu')
L.from_dlpack(np.ones(2), copy=True)
(lambda a: (L.from_dlpack(a, copy=True).fill_(7), a)[1])(np.zeros(2))
L.utils.dlpack.from_dlpack(L.utils.dlpack.to_dlpack(x))
L.utils.dlpack.from_dlpack(x)
L.utils.dlpack.from_dlpack(np.ones(2))
L.from_dlpack(L.utils.dlpack.to_dlpack(x)).data_ptr() == x.data_ptr()
type(L.utils.dlpack.to_dlpack(x)).__name__
x.__dlpack__() is None
type(x.__dlpack__()).__name__
r.__dlpack__()
x.__dlpack__(stream=None) is None
x.__dlpack__(max_version=(1, 0)) is None
x.__dlpack__(copy=True) is None
np.asarray(np.from_dlpack(x)).flags.writeable
L.from_dlpack((lambda a: (a.setflags(write=False), a)[1])(np.ones(2)))
L.from_numpy((lambda a: (a.setflags(write=False), a)[1])(np.ones(2)))
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_the_same(expression):
    check_same(expression)
