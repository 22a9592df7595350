"""Each optimizer on the Rosenbrock valley, parameter groups, and what a state dict holds."""

import copy

import torch
import torch.optim as optim


def rosenbrock(point):
    x, y = point
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


recipes = {
    "sgd": lambda p: optim.SGD(p, lr=1e-4),
    "momentum": lambda p: optim.SGD(p, lr=1e-4, momentum=0.9),
    "nesterov": lambda p: optim.SGD(p, lr=1e-4, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.1),
    "rmsprop": lambda p: optim.RMSprop(p, lr=1e-2, alpha=0.9),
    "rmsprop_momentum": lambda p: optim.RMSprop(p, lr=1e-3, momentum=0.5, centered=True),
    "adam": lambda p: optim.Adam(p, lr=0.05),
    "amsgrad": lambda p: optim.Adam(p, lr=0.05, betas=(0.8, 0.99), amsgrad=True),
    "adamw": lambda p: optim.AdamW(p, lr=0.05, weight_decay=0.1),
}
paths = {}
for name, make in recipes.items():
    point = torch.tensor([-1.0, 0.5], dtype=torch.float64, requires_grad=True)
    optimizer = make([point])
    path = []
    for step in range(100):
        optimizer.zero_grad()
        value = rosenbrock(point)
        value.backward()
        optimizer.step()
        if step % 33 == 0:
            path.append(point.tolist())
    paths[name] = path

# Two groups with rates of their own; a closure that evaluates the model again.
slow = torch.tensor([1.0, 2.0], requires_grad=True)
fast = torch.tensor([3.0], requires_grad=True)
optimizer = optim.SGD([{"params": [slow]}, {"params": [fast], "lr": 0.5}], lr=0.1, momentum=0.5)


def closure():
    optimizer.zero_grad()
    loss = (slow**2).sum() + (fast**2).sum()
    loss.backward()
    return loss


closure_losses = [float(optimizer.step(closure)) for _ in range(3)]
for group in optimizer.param_groups:
    group["lr"] *= 0.1
optimizer.step(closure)
state = copy.deepcopy(optimizer.state_dict())

resumed_slow, resumed_fast = (p.detach().clone().requires_grad_() for p in (slow, fast))
resumed = optim.SGD([{"params": [resumed_slow]}, {"params": [resumed_fast]}], lr=1.0, momentum=0.5)
resumed.load_state_dict(state)
for parameter, twin in ((slow, resumed_slow), (fast, resumed_fast)):
    twin.grad = parameter.grad.clone()
optimizer.step()
resumed.step()

result = {
    "paths": paths,
    "closure": closure_losses,
    "slow": slow.tolist(),
    "fast": fast.tolist(),
    "rates": [group["lr"] for group in optimizer.param_groups],
    "state_keys": [sorted(state), [len(group["params"]) for group in state["param_groups"]], sorted(state["state"])],
    "resumed": torch.equal(slow, resumed_slow) and torch.equal(fast, resumed_fast),
    "defaults": sorted(optim.SGD([fast], lr=0.1).defaults.items())[0][0],
}
