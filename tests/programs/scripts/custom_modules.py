"""Modules of one's own: parameters, buffers, children, names, hooks, applying a function, moving to a dtype."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class RunningScale(nn.Module):
    """Divides by a running maximum, and has a learned gain for each feature."""

    def __init__(self, features):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(features))
        self.register_buffer("peak", torch.full((features,), 1.0))
        self.register_parameter("shift", None)

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.peak = torch.maximum(self.peak, x.abs().max(dim=0)[0])
        return self.gain * x / self.peak

    def extra_repr(self):
        return f"features={len(self.gain)}"


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = RunningScale(3)
        self.branches = nn.ModuleList([nn.Linear(3, 4) for _ in range(2)])
        self.heads = nn.ModuleDict({"mean": nn.Linear(8, 1), "class": nn.Linear(8, 3)})

    def forward(self, x):
        x = self.scale(x)
        h = torch.cat([F.relu(branch(x)) for branch in self.branches], dim=-1)
        return self.heads["mean"](h).squeeze(-1), self.heads["class"](h)


model = Branches()
rng = np.random.default_rng(3)
for parameter in model.parameters():
    parameter.data = torch.from_numpy(rng.normal(size=tuple(parameter.shape))).float()

shapes = []
handle = model.branches[0].register_forward_hook(lambda module, args, output: shapes.append(list(output.shape)))
x = torch.from_numpy(rng.normal(size=(5, 3)).astype(np.float32)) * 3
mean, scores = model(x)
handle.remove()
model.eval()
mean_eval, _ = model(x * 2)
(mean.sum() + F.cross_entropy(scores, torch.tensor([0, 1, 2, 1, 0]))).backward()

visited = []
model.apply(lambda module: visited.append(type(module).__name__))
grads = {name: parameter.grad.abs().sum().item() for name, parameter in model.named_parameters()}
frozen = sum(p.numel() for p in model.parameters() if p.requires_grad)
as_double = model.double()

result = {
    "names": [name for name, _ in model.named_parameters()],
    "modules": [name for name, _ in model.named_modules()],
    "children": [name for name, _ in model.named_children()],
    "buffers": {name: buffer.tolist() for name, buffer in model.named_buffers()},
    "state": list(model.state_dict()),
    "hooked": shapes,
    "mean": mean.tolist(),
    "mean_eval": mean_eval.tolist(),
    "scores": scores.tolist(),
    "grads": grads,
    "visited": visited,
    "count": frozen,
    "double": str(as_double.heads["mean"].weight.dtype).split(".")[-1],
    "training": [model.training, model.scale.training, model.train().scale.training],
    "printed": repr(model),
}
