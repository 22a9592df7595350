"""Random draws whose parameters are tensors. No gradient flows through a draw: the parameters get zeros."""

from __future__ import annotations

from ...autograd.op import Op


class Draw(Op):
    """A sample made by draw(*parameters)"""

    broadcasts = True

    def __init__(self, draw):
        self.draw = draw

    def forward(self, xp, *parameters):
        return self.draw(*parameters)

    def backward(self, xp, g):
        return tuple([xp.zeros_like(g) if needed else None for needed in self.needs])


class Normal(Draw):
    """mean + std * (a standard normal number)"""


class Bernoulli(Draw):
    """1 with probability p, else 0"""


class Poisson(Draw):
    """A number of events of the given rate"""


class Binomial(Draw):
    """A number of successes in count trials of probability p; without a derivative"""

    def backward(self, xp, g):
        raise RuntimeError("the derivative of binomial is not implemented")
