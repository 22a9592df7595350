"""Functions of one's own with a forward and a backward, checked against finite differences."""

import math

import torch
from torch.autograd import Function, gradcheck


class LegendrePolynomial3(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input**3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input**2 - 1)


class ScaledReLU(Function):
    @staticmethod
    def forward(ctx, x, weight, slope):
        ctx.slope = slope
        ctx.save_for_backward(x, weight)
        return weight * torch.where(x > 0, x, slope * x)

    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        grad_x = grad_weight = None
        factor = torch.where(x > 0, torch.ones_like(x), torch.full_like(x, ctx.slope))
        if ctx.needs_input_grad[0]:
            grad_x = grad * weight * factor
        if ctx.needs_input_grad[1]:
            grad_weight = (grad * x * factor).sum()
        return grad_x, grad_weight, None


class Round(Function):
    """Rounds; its gradient passes straight through."""

    @staticmethod
    def forward(ctx, x):
        return x.round()

    @staticmethod
    def backward(ctx, grad):
        return grad


x = torch.linspace(-math.pi, math.pi, 200, dtype=torch.float64)
y = torch.sin(x)
a, b, c, d = (torch.full((), value, dtype=torch.float64, requires_grad=True) for value in (0.0, -1.0, 0.0, 0.3))
P3 = LegendrePolynomial3.apply
losses = []
for _ in range(60):
    loss = (a + b * P3(c + d * x) - y).pow(2).sum()
    losses.append(loss.item())
    loss.backward()
    with torch.no_grad():
        for parameter in (a, b, c, d):
            parameter -= 5e-5 * parameter.grad
            parameter.grad = None

points = torch.tensor([[-1.5, 0.3], [2.0, -0.2]], dtype=torch.float64, requires_grad=True)
weight = torch.tensor(1.7, dtype=torch.float64, requires_grad=True)
ScaledReLU.apply(points, weight, 0.1).sum().backward()
checked = [
    gradcheck(P3, (points,)),
    gradcheck(ScaledReLU.apply, (points, weight, 0.1)),
    gradcheck(ScaledReLU.apply, (points.detach(), weight, 0.1)),
]

z = torch.tensor([0.2, 1.7], requires_grad=True)
(Round.apply(z * 3) ** 2).sum().backward()

result = {
    "losses": losses[::20],
    "coefficients": [a.item(), b.item(), c.item(), d.item()],
    "grads": [points.grad.tolist(), weight.grad.item()],
    "checked": checked,
    "straight_through": z.grad.tolist(),
    "node": P3(points).grad_fn is not None,
}
