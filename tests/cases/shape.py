"""Views, reshaping, repeating, reordering, diagonals and triangles."""

import numpy as np

from .case import case, raises

INTEGERS = ("float32", "float64", "int64", "uint8", "bool")
MOVES = {
    "view": (lambda L, x: x.view(6, 4), (2, 3, 4)),
    "view_wild": (lambda L, x: x.view(-1, 2), (2, 3, 4)),
    "view_list": (lambda L, x: x.view((4, 6)), (2, 3, 4)),
    "view_0d": (lambda L, x: x.view(()), (1, 1)),
    "view_as": (lambda L, x: x.view_as(L.zeros(3, 8)), (2, 3, 4)),
    "view_of_transposed": (lambda L, x: x.transpose(0, 1).view(3, 2, 2, 2), (2, 3, 4)),
    "reshape": (lambda L, x: L.reshape(x, (4, -1)), (2, 3, 4)),
    "reshape_copies": (lambda L, x: x.transpose(0, 1).reshape(-1), (2, 3, 4)),
    "reshape_empty": (lambda L, x: x.reshape(0, 5), (2, 0, 3)),
    "reshape_as": (lambda L, x: x.t().reshape_as(L.zeros(3, 2, 2)), (3, 4)),
    "flatten": (lambda L, x: L.flatten(x), (2, 3, 4)),
    "flatten_1": (lambda L, x: x.flatten(1), (2, 3, 4)),
    "flatten_01": (lambda L, x: x.flatten(0, -2), (2, 3, 4)),
    "flatten_0d": (lambda L, x: x.flatten(), ()),
    "unflatten": (lambda L, x: x.unflatten(1, (2, -1)), (3, 4)),
    "unflatten_last": (lambda L, x: L.unflatten(x, -1, [2, 2, 1]), (3, 4)),
    "ravel": (lambda L, x: L.ravel(x.t()), (3, 4)),
    "squeeze": (lambda L, x: L.squeeze(x), (1, 3, 1)),
    "squeeze_dim": (lambda L, x: x.squeeze(0), (1, 3, 1)),
    "squeeze_dims": (lambda L, x: x.squeeze((0, 1, -1)), (1, 3, 1)),
    "squeeze_0d": (lambda L, x: x.squeeze(0), ()),
    "unsqueeze": (lambda L, x: x.unsqueeze(1), (2, 3)),
    "unsqueeze_end": (lambda L, x: L.unsqueeze(x, -1), (2, 3)),
    "unsqueeze_0d": (lambda L, x: x.unsqueeze(0), ()),
    "transpose": (lambda L, x: L.transpose(x, 0, -1), (2, 3, 4)),
    "swapaxes": (lambda L, x: x.swapaxes(1, 2), (2, 3, 4)),
    "swapdims": (lambda L, x: L.swapdims(x, 0, 1), (2, 3, 4)),
    "t": (lambda L, x: L.t(x), (2, 3)),
    "t_1d": (lambda L, x: x.t(), (3,)),
    "T": (lambda L, x: x.T, (2, 3)),
    "mT": (lambda L, x: x.mT, (2, 3, 4)),
    "permute": (lambda L, x: x.permute(2, 0, -2), (2, 3, 4)),
    "permute_list": (lambda L, x: L.permute(x, [1, 0]), (2, 3)),
    "permute_0d": (lambda L, x: x.permute(()), ()),
    "movedim": (lambda L, x: x.movedim(0, -1), (2, 3, 4)),
    "movedim_two": (lambda L, x: L.moveaxis(x, (0, 1), (-1, 0)), (2, 3, 4)),
    "expand": (lambda L, x: x.expand(4, 3, -1), (3, 1)),
    "expand_size": (lambda L, x: x.expand((3, 5)), (3, 1)),
    "expand_same": (lambda L, x: x.expand(1, 3, 2), (3, 2)),
    "expand_0d": (lambda L, x: x.expand(2, 2), ()),
    "expand_empty": (lambda L, x: x.expand(0, 3), (1, 3)),
    "expand_as": (lambda L, x: x.expand_as(L.zeros(2, 3)), (3,)),
    "broadcast_to": (lambda L, x: L.broadcast_to(x, (2, 3)), (3,)),
    "sum_to_size": (lambda L, x: x.sum_to_size(3, 1), (2, 3, 4)),
    "clone": (lambda L, x: L.clone(x.t()), (2, 3)),
    "contiguous": (lambda L, x: x.t().contiguous(), (2, 3)),
    "channels_last": (lambda L, x: x.contiguous(memory_format=L.channels_last), (2, 3, 2, 1)),
    "narrow": (lambda L, x: L.narrow(x, 1, 1, 2), (2, 4)),
    "narrow_end": (lambda L, x: x.narrow(-1, -3, 2), (2, 4)),
    "narrow_nothing": (lambda L, x: x.narrow(1, 4, 0), (2, 4)),
    "select": (lambda L, x: L.select(x, 1, -1), (2, 4)),
    "select_0d": (lambda L, x: x.select(0, 1), (2,)),
    "diagonal": (lambda L, x: L.diagonal(x), (3, 4)),
    "diagonal_offset": (lambda L, x: x.diagonal(-1, 2, 0), (3, 4, 2)),
    "diagonal_out": (lambda L, x: x.diagonal(9), (3, 4)),
    "unfold": (lambda L, x: x.unfold(0, 3, 1), (5,)),
    "unfold_step": (lambda L, x: x.unfold(1, 2, 2), (2, 5, 2)),
    "unfold_gaps": (lambda L, x: x.unfold(-1, 1, 3), (2, 5)),
    "unfold_0": (lambda L, x: x.unfold(0, 0, 1), (3,)),
    "unfold_0d": (lambda L, x: x.unfold(0, 1, 1), ()),
    "as_strided": (lambda L, x: x.contiguous().as_strided((2, 2), (1, 2)), (3, 4)),
    "as_strided_overlap": (lambda L, x: L.as_strided(x.contiguous(), (3, 3), (2, 1), 1), (3, 4)),
    "as_strided_part": (lambda L, x: (x * 1)[1:].as_strided((2,), (3,)), (3, 4)),
    "repeat": (lambda L, x: x.repeat(2, 3), (2, 3)),
    "repeat_new_dim": (lambda L, x: x.repeat((2, 1, 2)), (2, 3)),
    "repeat_nothing": (lambda L, x: x.repeat(0, 2), (2, 3)),
    "repeat_0d": (lambda L, x: x.repeat(3), ()),
    "repeat_one": (lambda L, x: x.repeat(1), (3,)),
    "tile": (lambda L, x: L.tile(x, (2,)), (2, 3)),
    "tile_more": (lambda L, x: x.tile(2, 1, 2), (2, 3)),
    "interleave": (lambda L, x: L.repeat_interleave(x, 2, 0), (2, 3)),
    "interleave_flat": (lambda L, x: x.repeat_interleave(3), (2, 3)),
    "interleave_each": (lambda L, x: x.repeat_interleave(L.tensor([2, 0, 1]), dim=1), (2, 3)),
    "interleave_one": (lambda L, x: x.repeat_interleave(L.tensor([2]), dim=-1, output_size=6), (2, 3)),
    "roll": (lambda L, x: L.roll(x, 2, 1), (2, 3)),
    "roll_flat": (lambda L, x: x.roll(-1), (2, 3)),
    "roll_two": (lambda L, x: x.roll((1, -5), (0, 1)), (2, 3)),
    "roll_0d": (lambda L, x: x.roll(1), ()),
    "flip": (lambda L, x: L.flip(x, (0, -1)), (2, 3)),
    "flip_args": (lambda L, x: x.flip(0), (2, 3)),
    "flip_0d": (lambda L, x: x.flip(()), ()),
    "fliplr": (lambda L, x: L.fliplr(x), (2, 3)),
    "flipud": (lambda L, x: L.flipud(x), (2, 3)),
    "diag": (lambda L, x: L.diag(x, 1), (3,)),
    "diag_of": (lambda L, x: x.diag(-1), (3, 4)),
    "diagflat": (lambda L, x: L.diagflat(x, -1), (2, 2)),
    "diag_embed": (lambda L, x: L.diag_embed(x), (2, 3)),
    "diag_embed_dims": (lambda L, x: x.diag_embed(1, 0, 2), (2, 3)),
    "diag_embed_swapped": (lambda L, x: x.diag_embed(1, 2, 0), (2, 3)),
}
for k in range(-1, 5):
    MOVES[f"rot90_{k}"] = (lambda L, x, k=k: L.rot90(x, k), (2, 3))
    MOVES[f"rot90_dims_{k}"] = (lambda L, x, k=k: x.rot90(k, [-1, 0]), (2, 3, 2))
for k in (-2, -1, 0, 1, 9):
    MOVES[f"tril_{k}"] = (lambda L, x, k=k: L.tril(x, k), (3, 4))
    MOVES[f"triu_{k}"] = (lambda L, x, k=k: x.triu(k), (2, 3, 3))

for name, (call, shape) in MOVES.items():
    case(name, call, shape, dtypes=INTEGERS)

case("tril_", lambda L, x: (x * 1).tril_(), (3, 3))
case("squeeze_", lambda L, x: (x * 1).squeeze_() * 2, (1, 3))
case("unsqueeze_", lambda L, x: (x * 1).unsqueeze_(0) * 2, (2, 3))
case("t_", lambda L, x: (x * 1).t_() * 2, (2, 3))
case("transpose_of_view_", lambda L, x: (x * 1)[0].transpose_(0, 1) * 2, (2, 3, 4))
case("broadcast_tensors", lambda L, a, b: L.broadcast_tensors(a, b), (3, 1), (4,))
case("view_dtype", lambda L, x: x.view(L.int32), (2, 3), dtypes=("float32",), grad=False)
case("view_dtype_bytes", lambda L, x: x.view(L.uint8), (2, 3), dtypes=("float32", "int64"), grad=False)
case("interleave_positions", lambda L, r: L.repeat_interleave(r), np.array([2, 0, 3]), grad=False)
case(
    "facts",
    lambda L, x: [
        tuple(x.t().stride()),
        x.stride(0),
        x.t().is_contiguous(),
        x.storage_offset(),
        x[1].storage_offset(),
        tuple(x.expand(2, 2, 3).stride()),
        tuple(x[:, None].stride()),
        tuple(x[::2, 1:].stride()),
    ],
    (2, 3),
    dtypes=("float32",),
    grad=False,
)
for shapes in ([(2, 1), (3,)], [(), (1, 1)], [(0,), (1,)], [(5,)]):
    case(
        f"broadcast_shapes_{shapes}",
        lambda L, shapes=shapes: [tuple(L.broadcast_shapes(*shapes))],
        grad=False,
        dtypes=("float32",),
    )

WRONG = {
    "view_size": lambda L, x: x.view(5, 5),
    "view_strides": lambda L, x: x.transpose(0, 1).view(-1),
    "view_two_wild": lambda L, x: x.view(-1, -1),
    "view_wild_size": lambda L, x: x.view(5, -1),
    "view_wild_empty": lambda L, x: L.zeros(0, 3).view(-1, 0),
    "view_float": lambda L, x: x.view(1.5),
    "view_negative": lambda L, x: x.view(-2),
    "reshape_size": lambda L, x: x.reshape(7),
    "expand_size": lambda L, x: x.expand(2, 3, 5),
    "expand_fewer": lambda L, x: x.expand(4),
    "expand_wild": lambda L, x: x.expand(-1, 2, 3, 4),
    "unsqueeze": lambda L, x: x.unsqueeze(5),
    "squeeze": lambda L, x: x.squeeze(3),
    "permute_few": lambda L, x: x.permute(0, 1),
    "permute_twice": lambda L, x: x.permute(0, 0, 1),
    "transpose": lambda L, x: x.transpose(0, 5),
    "t": lambda L, x: x.t(),
    "unflatten": lambda L, x: x.unflatten(0, (3, -1)),
    "flatten": lambda L, x: x.flatten(2, 0),
    "flatten_dim": lambda L, x: x.flatten(3),
    "narrow_length": lambda L, x: x.narrow(0, 1, 5),
    "narrow_start": lambda L, x: x.narrow(0, 5, 1),
    "select": lambda L, x: x.select(0, 5),
    "diagonal": lambda L, x: x.diagonal(0, 0, 0),
    "diag": lambda L, x: x.diag(),
    "unfold_size": lambda L, x: x.unfold(0, 5, 1),
    "unfold_step": lambda L, x: x.unfold(0, 2, 0),
    "tril": lambda L, x: x[0, 0].tril(),
    "flip": lambda L, x: x.flip(0, 0),
    "roll": lambda L, x: x.roll(1, 5),
    "roll_pairs": lambda L, x: x.roll((1, 2), (0,)),
    "repeat": lambda L, x: x.repeat(2),
    "repeat_negative": lambda L, x: x.repeat(1, 1, -1),
    "interleave": lambda L, x: x.repeat_interleave(L.tensor([1, 2, 3]), 0),
    "interleave_negative": lambda L, x: x.repeat_interleave(-1),
    "as_strided": lambda L, x: x.as_strided((30,), (2,)),
    "rot90": lambda L, x: x[0, 0].rot90(),
    "rot90_dims": lambda L, x: x.rot90(1, (0, 0)),
    "fliplr": lambda L, x: x[0, 0].fliplr(),
    "mT": lambda L, x: x[0, 0].mT,
    "movedim": lambda L, x: x.movedim((0, 1), (1,)),
    "movedim_twice": lambda L, x: x.movedim((0, 0), (0, 1)),
    "broadcast_shapes": lambda L, x: L.broadcast_shapes((2,), (3,)),
    "broadcast_tensors": lambda L, x: L.broadcast_tensors(L.zeros(2), x),
    "sum_to_size": lambda L, x: x.sum_to_size(5),
    "channels_last": lambda L, x: x.contiguous(memory_format=L.channels_last),
    "expanded_write": lambda L, x: L.zeros(3, 1).expand(3, 2).copy_(x[0, 0, :2]),
    "expanded_setitem": lambda L, x: L.zeros(3, 1).expand(3, 2).__setitem__(0, 1.0),
    "expanded_add": lambda L, x: L.zeros(3, 1).expand(3, 2).add_(1.0),
}
for name, call in WRONG.items():
    raises(f"shape_{name}", lambda L, call=call: call(L, L.zeros(2, 3, 4)))
