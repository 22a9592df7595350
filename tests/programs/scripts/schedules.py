"""Learning rate schedules: the rates of each epoch, two groups, and a schedule that is saved and resumed."""

import torch
import torch.nn as nn
import torch.optim as optim
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LambdaLR, StepLR


def make_optimizer(lr=0.1):
    model = nn.Linear(2, 1)
    return optim.SGD([{"params": [model.weight]}, {"params": [model.bias], "lr": lr * 2}], lr=lr)


makers = {
    "step": lambda o: StepLR(o, step_size=3, gamma=0.5),
    "exponential": lambda o: ExponentialLR(o, gamma=0.9),
    "cosine": lambda o: CosineAnnealingLR(o, T_max=6, eta_min=0.01),
    "lambda": lambda o: LambdaLR(o, lr_lambda=lambda epoch: min(1.0, (epoch + 1) / 4)),
    "lambdas": lambda o: LambdaLR(o, [lambda epoch: 0.95**epoch, lambda epoch: 1 / (1 + epoch)]),
}
rates = {}
for name, make in makers.items():
    optimizer = make_optimizer()
    scheduler = make(optimizer)
    seen = []
    for _ in range(8):
        optimizer.step()
        seen.append([group["lr"] for group in optimizer.param_groups])
        scheduler.step()
    rates[name] = seen

optimizer = make_optimizer()
scheduler = StepLR(optimizer, 2, 0.1)
for _ in range(3):
    optimizer.step()
    scheduler.step()
state, optimizer_state = scheduler.state_dict(), optimizer.state_dict()
other = make_optimizer()
resumed = StepLR(other, 2, 0.1)
other.load_state_dict(optimizer_state)
resumed.load_state_dict(state)
optimizer.step(), other.step()
scheduler.step(), resumed.step()

# A training loop, with the rate lowered along the way.
torch.manual_seed(0)
w = torch.tensor([4.0], requires_grad=True)
optimizer = optim.SGD([w], lr=0.4)
scheduler = optim.lr_scheduler.ExponentialLR(optimizer, 0.8)
path = []
for _ in range(6):
    optimizer.zero_grad()
    (w**2).sum().backward()
    optimizer.step()
    scheduler.step()
    path.append(w.item())

result = {
    "rates": rates,
    "last": scheduler.get_last_lr(),
    "epoch": scheduler.last_epoch,
    "resumed": [resumed.get_last_lr(), resumed.last_epoch, other.param_groups[1]["lr"]],
    "state": [state["step_size"], state["gamma"], state["last_epoch"], list(state["base_lrs"])],
    "path": path,
}
