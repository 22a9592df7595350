"""Gradient descent three times: derivatives by hand, by autograd, and with an optimizer."""

import torch
import torch.optim as optim

t_c = torch.tensor([0.5, 14.0, 15.0, 28.0, 11.0, 8.0, 3.0, -4.0, 6.0, 13.0, 21.0])
t_u = torch.tensor([35.7, 55.9, 58.2, 81.9, 56.3, 48.9, 33.9, 21.8, 48.4, 60.4, 68.4])
t_un = 0.1 * t_u


def model(t_u, w, b):
    return w * t_u + b


def loss_fn(t_p, t_c):
    return ((t_p - t_c) ** 2).mean()


def grad_fn(t_u, t_c, t_p, w, b):
    dloss_dtp = 2 * (t_p - t_c) / t_p.size(0)
    return torch.stack([(dloss_dtp * t_u).sum(), dloss_dtp.sum()])


params = torch.tensor([1.0, 0.0])
for _ in range(200):
    w, b = params
    params = params - 1e-2 * grad_fn(t_un, t_c, model(t_un, w, b), w, b)
by_hand = params.tolist()

params = torch.tensor([1.0, 0.0], requires_grad=True)
for _ in range(200):
    if params.grad is not None:
        params.grad.zero_()
    loss = loss_fn(model(t_un, *params), t_c)
    loss.backward()
    with torch.no_grad():
        params -= 1e-2 * params.grad
by_autograd, leaf = params.tolist(), params.is_leaf

weight = torch.ones((), requires_grad=True)
bias = torch.zeros((), requires_grad=True)
for _ in range(200):
    loss_fn(model(t_un, weight, bias), t_c).backward()
    weight.data -= 1e-2 * weight.grad.data
    bias.data -= 1e-2 * bias.grad.data
    weight.grad.data.zero_()
    bias.grad.data.zero_()
by_data = [weight.item(), bias.item()]

params = torch.tensor([1.0, 0.0], requires_grad=True)
optimizer = optim.SGD([params], lr=1e-2)
train, val = torch.arange(11)[2:], torch.arange(11)[:2]
for _ in range(200):
    train_loss = loss_fn(model(t_un[train], *params), t_c[train])
    with torch.no_grad():
        val_loss = loss_fn(model(t_un[val], *params), t_c[val])
        assert not val_loss.requires_grad
    with torch.set_grad_enabled(True):
        optimizer.zero_grad()
        train_loss.backward()
        optimizer.step()

x = torch.tensor([2.0], requires_grad=True)
y = (x**3).detach() * x
y.backward()

result = {
    "by_hand": by_hand,
    "by_autograd": by_autograd,
    "by_data": by_data,
    "leaf": leaf,
    "optimizer": params.tolist(),
    "losses": [train_loss.item(), val_loss.item()],
    "detached": x.grad.item(),
    "grad_fn": [loss.grad_fn is not None, t_c.grad_fn is None, params.requires_grad],
}
