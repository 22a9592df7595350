"""Fit a polynomial of third order to a sine, three times: each time the library does more of the work.

    python examples/polynomial.py [--steps 2000]

First with tensors alone, the derivatives written out by hand; then with autograd, which finds them; then with a model,
a loss and an optimizer. All three take the same steps, so they come to the same coefficients.
"""

import argparse
import math

import sparkle
from sparkle import nn, optim

START = (0.0, 0.5, 0.0, 0.0)  # of the coefficients
RATE = 1e-6


def data() -> tuple[sparkle.Tensor, sparkle.Tensor]:
    """2000 points of a sine, in float64 so that the three ways can be compared."""
    x = sparkle.linspace(-math.pi, math.pi, 2000, dtype=sparkle.float64)
    return x, sparkle.sin(x)


def by_hand(steps: int) -> list[float]:
    """Tensors and pencil: d(error)/d(coefficient) of each power."""
    x, y = data()
    a, b, c, d = START
    for _ in range(steps):
        error = a + b * x + c * x**2 + d * x**3 - y
        slope = 2.0 * error  # the derivative of error ** 2
        a -= RATE * slope.sum().item()
        b -= RATE * (slope * x).sum().item()
        c -= RATE * (slope * x**2).sum().item()
        d -= RATE * (slope * x**3).sum().item()
    return [a, b, c, d]


def by_autograd(steps: int) -> list[float]:
    """One tensor that requires a gradient; backward() fills in its grad."""
    x, y = data()
    powers = sparkle.stack([x**0, x, x**2, x**3])
    coefficients = sparkle.tensor(START, dtype=sparkle.float64, requires_grad=True)
    for _ in range(steps):
        loss = (coefficients @ powers - y).pow(2).sum()
        loss.backward()
        with sparkle.no_grad():  # the step itself is not to be differentiated
            coefficients -= RATE * coefficients.grad
            coefficients.grad.zero_()
    return coefficients.tolist()


def by_optimizer(steps: int) -> list[float]:
    """A linear layer on the powers of x, a loss, and an optimizer that takes the steps."""
    x, y = data()
    powers = x.unsqueeze(-1).pow(sparkle.tensor([1, 2, 3]))
    linear = nn.Linear(3, 1)
    model = nn.Sequential(linear, nn.Flatten(0, 1)).double()
    with sparkle.no_grad():
        linear.bias.fill_(START[0])
        linear.weight.copy_(sparkle.tensor([START[1:]]))
    criterion = nn.MSELoss(reduction="sum")
    optimizer = optim.SGD(model.parameters(), lr=RATE)
    for _ in range(steps):
        optimizer.zero_grad()
        criterion(model(powers), y).backward()
        optimizer.step()
    return linear.bias.tolist() + linear.weight[0].tolist()


def main(arguments: list[str] | None = None) -> list[list[float]]:
    """Fit three times and print the polynomials; returns their coefficients."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2000)
    steps = parser.parse_args(arguments).steps
    found = []
    x, y = data()
    for fit in (by_hand, by_autograd, by_optimizer):
        a, b, c, d = fit(steps)
        error = (a + b * x + c * x**2 + d * x**3 - y).abs().mean().item()
        print(f"{fit.__name__:12}  y = {a:+.4f} {b:+.4f} x {c:+.4f} x^2 {d:+.4f} x^3   mean error {error:.4f}")
        found.append([a, b, c, d])
    return found


if __name__ == "__main__":
    main()
