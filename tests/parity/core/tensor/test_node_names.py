"""Nodes of the graph have the names that torch prints."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import sparkle

EXPRESSIONS = """
r+1 r-1 r*2 r/2 r*r r/r r**2 r**r 2**r -r r.exp() r.log() r.sqrt() r.abs() r.sin() r.tanh() r.sigmoid() r.relu()
r.sum() r.sum(0) r.mean() r.mean(0) r.prod() r.prod(0) r.max(0)[0] r.min(0)[0] r.sort()[0] r.topk(1)[0]
r.kthvalue(1)[0] r.median() r.median(0)[0] r.mode()[0] r.cummax(0)[0] r.cumsum(0) r.cumprod(0) r.std() r.var()
r.logsumexp(0) r.softmax(0) r.log_softmax(0) r.clamp(0,1) r.clamp(min=0) r.clamp(0) L.maximum(r,r) L.minimum(r,r)
L.where(r>0,r,r) r.masked_fill(r>0,1) r[0] r[:1] r[L.tensor([0])] r[r>0] r.view(1,2) r.reshape(2,1) r.unsqueeze(0)
r.unsqueeze(0).squeeze() r.expand(2,2) r.repeat(2) m.t() m.transpose(0,1) m.permute(1,0) m.mT m.flatten()
m.unflatten(0,(1,2)) m.select(0,0) m.narrow(0,0,1) m.diagonal() m.tril() m.triu() m.flip(0) m.split(1)[0]
m.chunk(2)[0] m.unbind()[0] m.gather(0,z) m.index_select(0,z[0]) m.scatter(0,z,m) L.cat([m,m]) L.stack([m,m]) m@m
m.mm(m) m.mv(m[0]) r.dot(r) m.addmm(m,m) r.outer(r) r.clone() r.double() r.to(L.float64) r.detach().requires_grad_()*1
r.lerp(r,.5) r.pow(3) r.floor() r.round() r.sign() r.atan2(r) r.erf() r.lgamma() r.log1p() r.expm1() r.reciprocal()
r.rsqrt() r.square() L.nn.functional.relu(r) L.nn.functional.leaky_relu(r) L.nn.functional.elu(r)
L.nn.functional.gelu(r) L.nn.functional.silu(r) L.nn.functional.softplus(r) L.nn.functional.mse_loss(r,r*2)
L.nn.functional.cross_entropy(m,z[0]) L.nn.functional.nll_loss(m,z[0])
L.nn.functional.binary_cross_entropy_with_logits(r,r.detach()) L.nn.functional.linear(m,m,r)
L.nn.functional.conv2d(q,k) L.nn.functional.embedding(z[0],m) L.nn.functional.pad(r,(1,1))
L.nn.functional.normalize(m) L.nn.functional.hardtanh(r) L.nn.functional.smooth_l1_loss(r,r*2)
r.amax(0) r.amin(0) r.trunc() r.frac() r.fmod(2) r.remainder(2) r.hypot(r) r.logaddexp(r)
r.nan_to_num() r.unfold(0,1,1) r.as_strided((1,),(1,)) r.swapaxes(0,0) r.movedim(0,0) r.broadcast_to(2,2) L.cdist(m,m)
L.nn.functional.conv_transpose2d(q,k) L.nn.functional.log_softmax(m,1) L.nn.functional.hardswish(r)
L.nn.functional.mish(r) L.nn.functional.logsigmoid(r) L.nn.functional.huber_loss(r,r*2) r.ceil() r.cos() r.asin()
r.neg() r.sub(r) r.view_as(r) r.type(L.float64) r.half() r.select(0,0) r.copysign(r) m.prod(1) m.std(0) m.var(0)
m.sum(0,keepdim=True)
"""


def name(expression: str, L: Any) -> str:
    """The name of the node that made the result."""
    places = {
        "L": L,
        "r": L.tensor([0.5, 0.75], requires_grad=True),
        "m": L.tensor([[0.5, 0.25], [0.75, 0.9]], requires_grad=True),
        "z": L.tensor([[0, 1], [1, 0]]),
        "q": L.ones(1, 1, 4, 4, requires_grad=True),
        "k": L.ones(1, 1, 2, 2, requires_grad=True),
    }
    return str(eval(expression, places).grad_fn.name())


@pytest.mark.parametrize("expression", EXPRESSIONS.split())
def test_the_same_name(expression):
    assert name(expression, sparkle) == name(expression, torch)
