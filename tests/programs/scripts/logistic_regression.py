"""Two clouds of points told apart by logistic regression, once with tensors alone and once with nn and optim."""

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

rng = np.random.default_rng(1)
inputs = np.concatenate([rng.normal(-1, 1, (50, 2)), rng.normal(1, 1, (50, 2))]).astype(np.float32)
x = torch.from_numpy(inputs)
y = torch.cat([torch.zeros(50), torch.ones(50)])

w = torch.zeros(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
losses = []
for _ in range(30):
    p = torch.sigmoid(x @ w + b)
    loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad
        w.grad.zero_()
        b.grad = None
    losses.append(loss.item())


class LogisticRegression(nn.Module):
    def __init__(self, features):
        super(LogisticRegression, self).__init__()  # noqa: UP008
        self.linear = nn.Linear(features, 1)

    def forward(self, x):
        return self.linear(x)

    def predict(self, x):
        return (torch.sigmoid(self.forward(x)) > 0.5).squeeze(1).long()


model = LogisticRegression(2)
nn.init.constant_(model.linear.weight, 0.0)
nn.init.zeros_(model.linear.bias)
criterion = nn.BCEWithLogitsLoss()
optimizer = optim.SGD(model.parameters(), lr=0.5)
for _ in range(30):
    optimizer.zero_grad()
    loss = criterion(model(x), y.unsqueeze(1))
    loss.backward()
    optimizer.step()

accuracy = (model.predict(x) == y.long()).float().mean()

result = {
    "losses": losses[::7],
    "by_hand": w.tolist() + b.tolist(),
    "by_module": model.linear.weight[0].tolist() + model.linear.bias.tolist(),
    "loss": loss.item(),
    "accuracy": accuracy.item(),
    "printed": str(model),
}
