"""Gradients accumulated over small batches, clipped by norm and by value, and looked at with hooks."""

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_, parameters_to_vector, vector_to_parameters

rng = np.random.default_rng(9)
x = torch.from_numpy(rng.normal(size=(12, 5)))
y = torch.from_numpy(rng.normal(size=(12, 1))) * 50
model = nn.Sequential(nn.Linear(5, 4), nn.ELU(), nn.Linear(4, 1)).double()
size = sum(p.numel() for p in model.parameters())
vector_to_parameters(torch.linspace(-1, 1, size, dtype=torch.double), model.parameters())
loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

# Four small batches make the gradient of one large batch.
loss_fn(model(x), y).backward()
large = [p.grad.clone() for p in model.parameters()]
optimizer.zero_grad()
for part, wanted in zip(torch.split(x, 3), y.chunk(4), strict=True):
    loss = loss_fn(model(part), wanted) / 4
    loss.backward()
accumulated = all(torch.allclose(p.grad, g) for p, g in zip(model.parameters(), large, strict=True))

norms = []
for _ in range(5):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    total = clip_grad_norm_(model.parameters(), max_norm=2.0)
    clipped = torch.sqrt(sum((p.grad**2).sum() for p in model.parameters()))
    norms.append([total.item(), clipped.item(), loss.item()])
    optimizer.step()

optimizer.zero_grad()
loss_fn(model(x), y).backward()
largest = clip_grad_norm_(model.parameters(), 1e9, norm_type=float("inf")).item()
clip_grad_value_(model.parameters(), 0.5)
within = max(p.grad.abs().max().item() for p in model.parameters())

# Hooks on tensors see a gradient on its way, and may change it.
seen = []
a = torch.tensor([1.0, -2.0], requires_grad=True)
b = a * 3
b.retain_grad()
handle = b.register_hook(lambda grad: seen.append(grad.tolist()))
a.register_hook(lambda grad: grad.clamp(-1, 1))
(b**2).sum().backward(retain_graph=True)
handle.remove()

optimizer.zero_grad(set_to_none=False)
zeroed = [p.grad.abs().sum().item() for p in model.parameters()]
optimizer.zero_grad()

result = {
    "accumulated": accumulated,
    "norms": norms,
    "largest": largest,
    "within": within,
    "hooks": [seen, a.grad.tolist(), b.grad.tolist(), b.is_leaf],
    "zeroed": zeroed,
    "none": [p.grad is None for p in model.parameters()],
    "vector": parameters_to_vector(model.parameters())[:5].tolist(),
}
