"""Tensors: how they are made, indexed, broadcast, stored, and shared with NumPy."""

import numpy as np
import torch

points = torch.tensor([[4.0, 1.0], [5.0, 3.0], [2.0, 1.0]])
zeros, ones = torch.zeros(2, 3), torch.ones((2, 3), dtype=torch.int64)
legacy = torch.FloatTensor([[1, 2], [3, 4]])
empty_legacy = torch.FloatTensor(3, 2)
longs = torch.LongTensor([1, 0, 2])

# Indexing: ranges, negative steps back from the end, masks, integer arrays, None.
some = torch.tensor(list(range(6)))
first_x, all_but_last = points[0, 0], some[:-1]
column = points[:, 1]
big = points[points > 2.5]
rows = points[longs]
extra = points[None]

# A view shares its storage with the tensor it came from.
transposed = points.t()
same_storage = transposed.storage().data_ptr() == points.storage().data_ptr()
second = points[1]
offset, strides = second.storage_offset(), transposed.stride()
contiguous_before = transposed.is_contiguous()
copied = transposed.contiguous()
second_clone = points[1].clone()
second_clone[0] = 100.0
second[1] = 30.0

# Broadcasting: colour channels weighted and summed, for one image and for a batch of two.
weights = torch.tensor([0.2126, 0.7152, 0.0722])
image = torch.from_numpy(np.random.default_rng(0).random((3, 5, 5)))
batch = torch.stack([image, image * 2]).float()
unsqueezed = weights.unsqueeze(-1).unsqueeze_(-1)
gray = (batch * unsqueezed).sum(-3)

# The numpy bridge shares memory in both directions.
array = zeros.numpy()
array[0, 1] = 7
back = torch.from_numpy(array)
back[1, 2] = -1.5

inplace = torch.ones(3, 2)
inplace.mul_(3).add_(1)
inplace.zero_()

double = torch.ones(2, dtype=torch.double)
short = double.to(torch.short)
total = double + points[0]

result = {
    "shape": list(points.shape),
    "sizes": [zeros.size(0), list(empty_legacy.size()), extra.dim(), points.numel()],
    "dtypes": [str(t.dtype).split(".")[-1] for t in (points, ones, legacy, longs, short, total, gray, some > 2)],
    "first_x": first_x.item(),
    "all_but_last": all_but_last.tolist(),
    "column": column.tolist(),
    "big": big.tolist(),
    "rows": rows.tolist(),
    "extra": list(extra.shape),
    "views": [same_storage, offset, list(strides), contiguous_before, copied.is_contiguous(), list(copied.stride())],
    "storage": list(points.storage()),
    "points": points.tolist(),
    "gray": gray.mean(dim=(1, 2)).tolist(),
    "bridge": zeros.tolist(),
    "inplace": inplace.sum().item(),
    "legacy": legacy.t().tolist(),
    "printed": [str(points), repr(longs), str(double), str(points[0, 0])],
    "is_tensor": [torch.is_tensor(points), isinstance(longs, torch.Tensor), isinstance(points, torch.FloatTensor)],
}
