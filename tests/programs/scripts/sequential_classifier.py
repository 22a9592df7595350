"""A Sequential network on spirals: named layers, a training loop over shuffled batches, accuracy."""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn, optim

rng = np.random.default_rng(5)
angle = np.linspace(0, 3, 60)
arms = [np.stack([angle * np.cos(angle * 2 + k), angle * np.sin(angle * 2 + k)], 1) for k in (0, 2, 4)]
x = torch.tensor(np.concatenate(arms), dtype=torch.float32)
y = torch.arange(3).repeat_interleave(60)

model = nn.Sequential(
    OrderedDict(
        [
            ("hidden_linear", nn.Linear(2, 24)),
            ("hidden_activation", nn.Tanh()),
            ("second_linear", nn.Linear(24, 24)),
            ("second_activation", nn.ReLU()),
            ("output_linear", nn.Linear(24, 3)),
        ]
    )
)
with torch.no_grad():
    for name, parameter in model.named_parameters():
        if name.endswith("weight"):
            parameter.copy_(torch.from_numpy(rng.normal(0, 0.4, tuple(parameter.shape))))
        else:
            parameter.fill_(0.01)

optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
loss_fn = nn.CrossEntropyLoss()
epoch_losses = []
for _ in range(25):
    order = torch.from_numpy(rng.permutation(len(x)))
    total = 0.0
    for start in range(0, len(x), 32):
        chosen = order[start : start + 32]
        loss = loss_fn(model(x[chosen]), y[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(chosen)
    epoch_losses.append(total / len(x))

probabilities = nn.Softmax(dim=1)(model(x)).detach()
confidence, predicted = torch.max(probabilities, dim=1)
confusion = torch.zeros(3, 3, dtype=torch.int64)
for truth, guess in zip(y, predicted, strict=True):
    confusion[truth, guess] += 1

result = {
    "first_losses": epoch_losses[:3],
    "learned": epoch_losses[-1] < epoch_losses[0] / 2,
    "accuracy_is_good": (predicted == y).float().mean().item() > 0.8,
    "confusion": [confusion.sum().item(), confusion.sum(1).tolist()],
    "layers": [len(model), list(model.state_dict()), str(model[0]), model.hidden_linear.bias.shape[0]],
    "part": list(model[:2](x[:4]).shape),
    "sums_to_one": torch.allclose(probabilities.sum(1), torch.ones(len(x))),
    "in_range": ((confidence >= 1 / 3) & (confidence <= 1)).all().item(),
    "printed": repr(model),
}
