"""Divergences, as `torch.distributions.kl`. Importing the formulas registers them."""

from ..core.distributions.kl import between as between
from ..core.distributions.kl import multivariate as multivariate
from ..core.distributions.kl import same as same
from ..core.distributions.kl.registry import kl_divergence, register_kl

__all__ = ["kl_divergence", "register_kl"]
