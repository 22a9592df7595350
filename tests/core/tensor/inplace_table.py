"""Every kind of view of a (4, 3) tensor y, every kind of write to it; the same text for sparkle (L) and torch."""

from __future__ import annotations

VIEWS = {
    "slice": "y[1:3]",
    "step": "y[::2]",
    "end": "y[-2:]",
    "row": "y[1]",
    "element": "y[1, 2]",
    "new axis": "y[None]",
    "ellipsis": "y[..., 0]",
    "all": "y[()]",
    "transposed": "y.t()",
    "T": "y.T",
    "mT": "y.mT",
    "flat": "y.view(-1)",
    "transpose": "y.transpose(0, 1)",
    "permute": "y.permute(1, 0)",
    "view": "y.view(2, 2, 3)",
    "ravel": "y.ravel()",
    "reshape": "y.reshape(3, 4)",
    "flatten": "y.flatten()",
    "unflatten": "y.unflatten(0, (2, 2))",
    "expand": "y.expand(2, 4, 3)",
    "expand a row": "y[:1].expand(4, 3)",
    "broadcast": "L.broadcast_to(y, (2, 4, 3))",
    "diagonal": "y.diagonal()",
    "upper diagonal": "y.diagonal(1)",
    "unfold": "y.unfold(0, 2, 2)",
    "as_strided": "y.as_strided((2, 2), (3, 1), 1)",
    "narrow": "y.narrow(0, 1, 2)",
    "select": "y.select(1, 0)",
    "unsqueeze": "y.unsqueeze(0)",
    "squeeze": "y[:, :1].squeeze(1)",
    "movedim": "y.movedim(0, 1)",
    "swapaxes": "y.swapaxes(0, 1)",
    "contiguous": "y.contiguous()",
    "view_as": "y.view_as(y)",
    "itself": "y",
    "expand_as": "y.expand_as(y)",
    "to": "y.to(L.float64)",
    "tensor_split": "y.tensor_split(2)[0]",
    "hsplit": "y.hsplit(3)[1]",
    "chain": "y[1:].t()[0:2].view_as(y[1:].t()[0:2])",
    "long chain": "y.view(-1)[2:8].view(2, 3).t()[1]",
    "mixed chain": "y.t()[1].unsqueeze(0)[0, 1:3]",
}
SEVERAL = {  # views that belong together; they may not be written while gradients are recorded
    "split": "y.split(2)[0]",
    "split sizes": "y.split([1, 3])[1]",
    "chunk": "y.chunk(2)[1]",
    "unbind": "y.unbind()[0]",
    "iteration": "list(y)[1]",
}
APART = {  # what shares no memory, or no history
    "detach": "y.detach()",
    "data": "y.data",
    "clone": "y.clone()",
    "list": "y[[0, 1]]",
    "mask": "y[y > 3.1]",
    "flip": "y.flip(0)",
    "index_select": "y.index_select(0, L.tensor([0]))",
}
WRITES = {
    "mul_": "v.mul_(2)",
    "add_ itself": "v.add_(v)",
    "add_": "v.add_(w)",
    "copy_": "v.copy_(w)",
    "zero_": "v.zero_()",
    "set all": "v[...] = 5.0",
    "set tensor": "v[...] = w",
    "exp_": "v.exp_()",
    "fill_": "v.fill_(3)",
    "+=": "v += w",
    "clamp_": "v.clamp_(2.6, 5.6)",
    "masked": "v[v > 6.5] = 1.0",
    "addcmul_": "v.addcmul_(w, w)",
}


def written(L, view, write, x, w):
    """y and v after v, a view of a copy y of x, was written."""
    names = {"L": L, "y": x * 1, "w": w}
    exec(f"v = {view}\n{write}", names)
    return names["y"], names["v"]
