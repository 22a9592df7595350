"""Batch norm and dropout: what they do while training and while evaluating."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(2)
x = torch.tensor(rng.normal(3, 2, (8, 4)), dtype=torch.float32)
images = torch.tensor(rng.normal(-1, 0.5, (4, 2, 3, 3)), dtype=torch.float32)

norm = nn.BatchNorm1d(4)
outputs = [norm(x * k) for k in (1, 2, 3)]
running = [norm.running_mean.tolist(), norm.running_var.tolist(), norm.num_batches_tracked.item()]
norm.eval()
evaluated = norm(x)
after = norm.num_batches_tracked.item()

norm2d = nn.BatchNorm2d(2, momentum=0.5, eps=1e-3)
nn.init.constant_(norm2d.weight, 2.0)
nn.init.constant_(norm2d.bias, -1.0)
images.requires_grad_(True)
(norm2d(images) ** 3).sum().backward()
plain = nn.BatchNorm2d(2, affine=False, track_running_stats=False)
layer_norm = nn.LayerNorm([2, 3, 3])

torch.manual_seed(0)
drop = nn.Dropout(p=0.25)
ones = torch.ones(100, 100)
dropped = drop(ones)
kept = dropped[dropped != 0]
drop.eval()
untouched = drop(ones)
functional = F.dropout(ones, 0.5, training=False)
always = F.dropout(ones, p=0.5, training=True)
channels = nn.Dropout2d(0.5)(torch.ones(20, 10, 2, 2)).sum((2, 3))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 2))

    def forward(self, x):
        return self.layers(x)


net = Net()
modes = [net.layers[3].training, net.eval().layers[3].training, net.train(True).layers[1].training]
net.train(False)
with torch.no_grad():
    same = torch.equal(net(x), net(x))
try:
    nn.BatchNorm1d(4)(x[:1])
    single = "fine"
except ValueError as error:
    single = type(error).__name__

result = {
    "normalised": [outputs[0].mean().abs().item() < 1e-6, outputs[0].std(0, unbiased=False).tolist()],
    "running": running,
    "evaluated": evaluated[0].tolist(),
    "counted": after,
    "images": images.grad[0].flatten().tolist(),
    "norm2d": [norm2d.running_mean.tolist(), norm2d.running_var.tolist(), norm2d.weight.grad.tolist()],
    "plain": [plain(images).mean().abs().item() < 1e-6, list(plain.state_dict())],
    "layer_norm": layer_norm(images)[1].flatten().tolist(),
    "dropout": [abs(len(kept) / 10000 - 0.75) < 0.05, kept.unique().tolist(), torch.equal(untouched, ones)],
    "functional": [functional is ones or torch.equal(functional, ones), sorted(set(always.flatten().tolist()))],
    "channels": sorted(set(channels.flatten().tolist())),
    "modes": modes,
    "same": same,
    "single": single,
    "printed": [str(norm), str(drop), str(layer_norm)],
}
