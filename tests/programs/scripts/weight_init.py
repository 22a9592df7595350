"""Initialisation: functions of nn.init applied to the modules of a network, by type and by name."""

import math

import torch
import torch.nn as nn
from torch.nn import init


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Conv") != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.02)
    elif classname.find("BatchNorm") != -1:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)
    elif isinstance(m, nn.Linear):
        init.xavier_uniform_(m.weight, gain=init.calculate_gain("relu"))
        m.bias.data.fill_(0.01)


torch.manual_seed(1)
model = nn.Sequential(
    nn.Conv2d(3, 64, 4), nn.BatchNorm2d(64), nn.ReLU(), nn.ConvTranspose2d(64, 32, 4), nn.Flatten(), nn.Linear(300, 200)
)
model.apply(weights_init)
conv, norm, linear = model[0], model[1], model[5]
bound = math.sqrt(2) * math.sqrt(6 / (300 + 200))


def near(value, wanted, part=0.1):
    return abs(value - wanted) <= part * abs(wanted)


# The default of a linear layer: uniform within 1 / sqrt(in_features).
default = nn.Linear(400, 300)
limit = 1 / math.sqrt(400)

w = torch.empty(200, 100)
kaiming = {"mode": "fan_out", "nonlinearity": "relu"}
spreads = {
    "xavier_normal": near(init.xavier_normal_(w).std().item(), math.sqrt(2 / 300)),
    "kaiming_normal": near(init.kaiming_normal_(w, **kaiming).std().item(), math.sqrt(2 / 200)),
    "kaiming_uniform": near(init.kaiming_uniform_(w, a=math.sqrt(5)).abs().max().item(), math.sqrt(1 / 100)),
    "uniform": near(init.uniform_(w, -2, 4).mean().item(), 1.0),
    "trunc_normal": init.trunc_normal_(w, std=3.0, a=-2, b=2).abs().max().item() <= 2,
}
orthogonal = init.orthogonal_(torch.empty(5, 3))
eye = init.eye_(torch.empty(2, 3))
dirac = init.dirac_(torch.empty(2, 2, 3, 3))
reset_before = linear.weight.detach().clone()
linear.reset_parameters()

result = {
    "conv": [near(conv.weight.std().item(), 0.02), near(model[3].weight.std().item(), 0.02)],
    "norm": [near(norm.weight.mean().item(), 1.0, 0.02), norm.bias.abs().sum().item()],
    "linear": [near(reset_before.abs().max().item(), bound, 0.02), reset_before.shape[0]],
    "default": [near(default.weight.abs().max().item(), limit, 0.02), near(default.bias.abs().max().item(), limit)],
    "reset": torch.equal(reset_before, linear.weight),
    "as_default": near(linear.weight.abs().max().item(), 1 / math.sqrt(300), 0.02),
    "gains": [init.calculate_gain(name) for name in ("linear", "tanh", "relu", "sigmoid")],
    "leaky": init.calculate_gain("leaky_relu", 0.2),
    "spreads": spreads,
    "orthogonal": torch.allclose(orthogonal.t() @ orthogonal, torch.eye(3), atol=1e-5),
    "eye": eye.tolist(),
    "dirac": [dirac.sum().item(), dirac[1, 1, 1, 1].item()],
    "grad": [p.requires_grad for p in model.parameters()],
    "sparse": sorted(set(init.ones_(torch.empty(2, 2)).flatten().tolist())),
}
