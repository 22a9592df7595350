"""Gradients of gradients: Newton's method, a gradient penalty, a saliency map, a Jacobian row by row."""

import numpy as np
import torch
import torch.nn as nn
from torch.autograd import Variable, grad

x = Variable(torch.tensor([1.2, 1.7], dtype=torch.float64), requires_grad=True)
newton = []
for _ in range(6):
    y = (torch.cos(x) + x**4 / 4).sum()
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    (second,) = grad(first.sum(), x)
    x.data -= first.data / second
    newton.append(x.tolist())

rng = np.random.default_rng(14)
critic = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)).double()
for parameter in critic.parameters():
    parameter.data = torch.from_numpy(rng.normal(0, 0.5, tuple(parameter.shape)))
real, fake = (torch.from_numpy(rng.normal(size=(6, 4))) for _ in range(2))
alpha = torch.from_numpy(rng.random((6, 1))).expand_as(real)
mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
scores = critic(mixed)
ones = torch.ones_like(scores)
gradients = grad(outputs=scores, inputs=mixed, grad_outputs=ones, create_graph=True, retain_graph=True)[0]
penalty = ((gradients.norm(2, dim=1) - 1) ** 2).mean()
penalty.backward()
penalty_grads = [parameter.grad.abs().sum().item() for parameter in critic.parameters() if parameter.grad is not None]

image = torch.from_numpy(rng.normal(size=(1, 1, 6, 6))).requires_grad_()
conv = nn.Conv2d(1, 2, 3).double()
nn.init.constant_(conv.weight, 0.1)
nn.init.zeros_(conv.bias)
score = torch.sigmoid(conv(image)).amax(dim=(2, 3)).sum()
score.backward()
saliency = image.grad.data.abs().max(dim=1)[0]

inputs = torch.tensor([0.5, -1.0, 2.0], requires_grad=True)
outputs = torch.stack([inputs.prod(), inputs.sum() ** 2])
jacobian = torch.stack([grad(outputs[i], inputs, retain_graph=True)[0] for i in range(2)])
unused = grad(outputs[0], [inputs, torch.ones(1, requires_grad=True)], retain_graph=True, allow_unused=True)[1]
try:
    outputs.backward()
except RuntimeError as error:
    scalar_error = "scalar" in str(error)
outputs.backward(torch.tensor([1.0, 0.5]))
try:
    outputs.sum().backward()
    second_time = "fine"
except RuntimeError:
    second_time = "refused"
try:
    leaf = torch.ones(2, requires_grad=True)
    leaf += 1
except RuntimeError:
    in_place = "refused"

result = {
    "newton": newton,
    "penalty": penalty.item(),
    "penalty_grads": penalty_grads,
    "saliency": [list(saliency.shape), saliency.sum().item()],
    "jacobian": jacobian.tolist(),
    "unused": unused is None,
    "vector": inputs.grad.tolist(),
    "errors": [scalar_error, second_time, in_place],
}
