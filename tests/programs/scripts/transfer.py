"""A trained body gets a new head: freezing, deep copies, optimizers that see only what is trained."""

import copy

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

rng = np.random.default_rng(8)


def fill(module):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(0, 0.4, tuple(parameter.shape))))


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 12), nn.ReLU())
        self.fc = nn.Linear(12, classes)

    def forward(self, x):
        return self.fc(self.body(x))


def train(model, optimizer, x, y, steps):
    criterion = nn.CrossEntropyLoss()
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


centers = rng.normal(0, 2, (6, 6))
labels = rng.integers(0, 6, 120)
points = torch.tensor(centers[labels] + rng.normal(0, 0.5, (120, 6)), dtype=torch.float32)
labels = torch.as_tensor(labels)
old, new = labels < 3, labels >= 3

model = Net(3)
fill(model)
first = train(model, optim.SGD(model.parameters(), lr=0.1), points[old], labels[old], 20)
snapshot = copy.deepcopy(model)

for parameter in model.parameters():
    parameter.requires_grad = False
model.fc = nn.Linear(model.fc.in_features, 3)
fill(model.fc)
trainable = [name for name, p in model.named_parameters() if p.requires_grad]
head = optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.1, momentum=0.9)
second = train(model, head, points[new], labels[new] - 3, 20)
body_is_same = all(torch.equal(a, b) for a, b in zip(model.body.parameters(), snapshot.body.parameters(), strict=True))

# Thaw the last layer of the body, with a smaller rate than the head's.
model.body[2].requires_grad_(True)
groups = [{"params": model.body[2].parameters(), "lr": 1e-3}, {"params": model.fc.parameters()}]
third = train(model, optim.SGD(groups, lr=1e-2), points[new], labels[new] - 3, 5)
moved = not torch.equal(model.body[2].weight, snapshot.body[2].weight)
kept = torch.equal(model.body[0].weight, snapshot.body[0].weight)

features = nn.Sequential(*list(model.children())[:-1])
model.eval()
with torch.no_grad():
    accuracy = (model(points[new]).argmax(1) + 3 == labels[new]).double().mean().item()

result = {
    "first": first[::6],
    "second": second[::6],
    "third": third[::2],
    "trainable": trainable,
    "body_is_same": body_is_same,
    "gradients": [model.body[0].weight.grad is None, model.fc.weight.grad is None],
    "moved": [moved, kept],
    "features": list(features(points[:2]).shape),
    "accuracy": accuracy,
    "snapshot": snapshot.fc.weight.abs().sum().item(),
}
