"""Memory, storages, conversions and layouts, against torch."""

from __future__ import annotations

import pytest

from tests.parity.outcome import check_same

EXPRESSIONS = r"""
x.resize_(3).shape
m.resize_(2, 2)
m.resize_((3, 2))
m.resize_as_(L.zeros(3, 2))
m.t().resize_(2, 3)
r.resize_(3)
y.resize_(3)
x.resize_(0).shape
L.zeros(0).resize_(2, 2).shape
x.set_(m)
x.as_strided_((2, 2), (0, 1))
m.as_strided_((2,), (3,), 1)
r.as_strided_((1,), (1,))
x.apply_(lambda v: v * 2)
i.apply_(lambda v: v * 2)
b.apply_(lambda v: not v)
r.apply_(lambda v: v)
r.detach().apply_(lambda v: v)
x.map_(x.clone(), lambda p, q: p + q)
x.map2_(x, x, lambda p, q, z: p + q + z)
L.zeros(3, 3).fill_diagonal_(2)
L.zeros(3, 2).fill_diagonal_(2)
L.zeros(7, 3).fill_diagonal_(2, wrap=True)
L.zeros(3, 3, 3).fill_diagonal_(1)
L.zeros(3, 2, 3).fill_diagonal_(1)
x.fill_diagonal_(1)
c4.is_contiguous(memory_format=L.channels_last)
c4.contiguous(memory_format=L.channels_last).stride()
c4.contiguous(memory_format=L.channels_last).is_contiguous()
c4.contiguous(memory_format=L.channels_last).clone().stride()
c4.contiguous(memory_format=L.channels_last).clone(memory_format=L.contiguous_format).stride()
c4.clone(memory_format=L.channels_last).stride()
c4.to(memory_format=L.channels_last).stride()
c4.to(L.float64, memory_format=L.channels_last).stride()
c4.to('cpu', L.float64, False, True, memory_format=L.channels_last).stride()
c4.to(memory_format=L.channels_last).to(L.float64).stride()
c4.to(memory_format=L.channels_last).double().stride()
c4.to(memory_format=L.channels_last).contiguous().stride()
L.zeros_like(c4.to(memory_format=L.channels_last)).stride()
L.zeros_like(c4, memory_format=L.channels_last).stride()
(c4.to(memory_format=L.channels_last) + 1).stride()
c4.double().float().stride()
x.contiguous(memory_format=L.channels_last)
x.clone(memory_format=L.preserve_format)
c4.dim_order()
c4.to(memory_format=L.channels_last).dim_order()
m.t().dim_order()
L.zeros(()).dim_order()
x.element_size()
x.itemsize
m.nbytes
x.storage_offset()
x.untyped_storage().nbytes()
x.untyped_storage().size()
len(x.untyped_storage())
x.untyped_storage().data_ptr() == x.data_ptr()
x.storage().size()
len(x.storage())
x.storage().nbytes()
x.storage().element_size()
x.storage().dtype
x.storage().tolist()
list(x.storage())
x.storage()[0]
x.storage()[5]
x.storage().fill_(3).tolist()
x.untyped_storage().fill_(0).tolist()
x.storage().clone().tolist()
x.untyped_storage().clone().tolist()
x.untyped_storage().device
x.storage().device
x.storage().is_cuda
x.storage().is_shared()
x.storage().cpu().tolist()
x.storage().copy_(L.tensor([5., 6.]).storage()).tolist()
x.storage().data_ptr() == x.data_ptr()
m[1].storage().size()
m[1].storage().data_ptr() == m.storage().data_ptr()
m[1].untyped_storage().nbytes()
x.data
r.data
r.data.requires_grad
setattr(r, 'data', L.zeros(3)) or r
setattr(r, 'data', L.zeros(3).double()) or r
setattr(r, 'data', i) or r
setattr(r, 'data', 3)
setattr(r.data, 'foo', 3)
x.new_zeros(2, 3)
x.new_zeros((2, 3), dtype=L.int64)
i.new_ones(2)
x.new_full((2,), 3)
i.new_full((2,), 2.5)
i.new_tensor([1.5])
x.new_tensor([1, 2])
x.new_tensor([1, 2], dtype=L.int64)
x.new_tensor(x)
x.new_tensor([1.0], requires_grad=True)
x.to(L.int64)
x.to(dtype=L.int64)
x.to('cpu')
x.to(device='cpu')
x.to(device=L.device('cpu'), dtype=L.half)
x.to('cpu', L.half)
x.to('cpu', L.half, True)
x.to('cpu', dtype=L.half, non_blocking=True)
x.to(L.half, non_blocking=True)
x.to(L.half, False, True)
x.to(i)
x.to(other=i)
x.to(i, non_blocking=True)
x.to(i, copy=True)
x.to(None)
x.to('banana')
x.to([1])
x.to(L.float32) is x
x.to('cpu') is x
x.to(x) is x
x.to(dtype=None) is x
x.to(device=None, dtype=L.int64)
x.to(copy=True) is x
x.to('cpu:0').device
x.to('cuda:99')
x.to(1)
x.to(foo=1)
x.type(L.DoubleTensor)
x.type('torch.FloatTensor') is x
x.type(dtype=L.int32)
x.is_contiguous()
m.t().is_contiguous()
m[:, 1:].is_contiguous()
x.data_ptr() == x.view(2, 1).data_ptr()
x.is_set_to(x.view(2))
x.get_device()
x.device.type
x.device.index
x.device == L.device('cpu')
x.device == 'cpu'
x.layout == L.strided
x.is_cpu
x.is_mkldnn
x.is_quantized
x.is_sparse
x.is_sparse_csr
x.is_meta
x.is_inference()
x.is_leaf
x.retains_grad
x.output_nr
x._version
x._base is None
m[0]._base is m
x.is_nested
x.is_neg()
x.is_conj()
x.is_xpu
x.is_mps
x.nelement()
x.ndimension()
m.T
m.H
m.mH
L.zeros(2, 3, 4).mT.shape
x.cpu()
x.has_names()
x.detach().requires_grad
x.is_shared()
x.half().float().double().long().int().short().char().byte().bool()
x.contiguous() is x
x.unsafe_chunk(2)
x.unsafe_split(1)
x.align_to
x.__cuda_array_interface__
x.grad
x.real
i.real
x.copy_(i[:2])
x.copy_(m)
x.copy_(2)
m.copy_(L.tensor([1., 2., 3.]))
x.copy_(x, non_blocking=True)
x.zero_()
x.fill_('a')
i.fill_(2.7)
b.fill_(3)
(lambda p: (p[1].fill_(9), p[0])[1])(copy.deepcopy([m, m[1]]))
(lambda p: (p[1].fill_(9), p[0])[1])(copy.deepcopy([m[0], m]))
(lambda p: (p[1].fill_(9), p[0])[1])(copy.deepcopy([m.t(), m]))
copy.deepcopy(m.t()).stride()
copy.deepcopy(m[1]).storage_offset()
copy.deepcopy(m[:, 1])
copy.deepcopy(L.tensor(2.0))
copy.deepcopy(L.zeros(0, 3))
copy.deepcopy(L.zeros(3, 1).expand(3, 4))
copy.deepcopy(L.tensor([True]))
copy.deepcopy(L.from_numpy(np.arange(6.0).reshape(2, 3)[:, 1:]))
copy.deepcopy(L.from_numpy(np.asfortranarray(np.arange(6.0).reshape(2, 3)))).stride()
copy.deepcopy(L.from_numpy(np.arange(12.0).reshape(3, 4)[::2, ::3]))
copy.deepcopy(L.nn.Linear(2, 2)).weight.shape
(lambda s: (s[0].weight.data_ptr() == s[1].weight.data_ptr()))(copy.deepcopy((lambda a: [a, a])(L.nn.Linear(2, 2))))
L.zeros(2).to('cpu').device
copy.deepcopy(r).is_leaf
copy.deepcopy(L.as_strided(m, (2, 2), (1, 1)))
L.as_strided(m, (2, 2), (1, 1), 1).storage_offset()
L.as_strided(m, (0,), (1,), 6)
L.as_strided(m[1], (2,), (1,))
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_the_same(expression):
    check_same(expression)
