"""Weights as magnitude and direction, w = g v / |v| (Salimans & Kingma, 2016, arXiv:1602.07868), by a hook."""

from __future__ import annotations

import warnings
from typing import Any

from ..parameter import Parameter
from .hooks import pre_hooks, take_pre_hook


def norm_except_dim(v: Any, pow: float = 2, dim: int = 0) -> Any:
    """The norms of the slices of v along dim, as a tensor of as many dims; of all of v, 0-d, with dim -1.

    >>> import sparkle
    >>> norm_except_dim(sparkle.tensor([[3.0, 4.0], [6.0, 8.0]]))
    tensor([[ 5.],
            [10.]])
    """
    if dim == -1:
        return v.norm(pow)
    v.size(dim)  # raises IndexError outside of the dims
    others = [d for d in range(v.dim()) if d != dim % v.dim()]
    return v.norm(pow, others, keepdim=True) if others else v.abs()


def normed_weight(v: Any, g: Any, dim: int) -> Any:
    """g v / |v|"""
    return v * (g / norm_except_dim(v, 2, dim))


class WeightNorm:
    """The hook: sets a module's weight from its magnitude `<name>_g` and direction `<name>_v` before each forward."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute_weight(self, module: Any) -> Any:
        """The weight from the module's g and v."""
        return normed_weight(getattr(module, f"{self.name}_v"), getattr(module, f"{self.name}_g"), self.dim)

    @staticmethod
    def apply(module: Any, name: str, dim: int | None) -> WeightNorm:
        """Split a module's parameter into g and v, and hook the way back in; RuntimeError where that was done."""
        if pre_hooks(module, WeightNorm, name):
            raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
        hook = WeightNorm(name, dim)
        weight = getattr(module, name)
        g, v = Parameter(norm_except_dim(weight.detach(), 2, hook.dim)), Parameter(weight.detach())
        del module._parameters[name]
        module.register_parameter(f"{name}_g", g)
        module.register_parameter(f"{name}_v", v)
        setattr(module, name, hook.compute_weight(module))
        module.register_forward_pre_hook(hook)
        return hook

    def remove(self, module: Any) -> None:
        """Put the weight as a parameter in the place of g and v."""
        weight = self.compute_weight(module).detach()
        for name in (self.name, f"{self.name}_g", f"{self.name}_v"):
            delattr(module, name)
        setattr(module, self.name, Parameter(weight))

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Replace a parameter by its magnitude `<name>_g` and direction `<name>_v`, w = g v / |v|; returns the module.

    One magnitude for each index of dim; None: one for all. The weight is computed before each forward. Warns: the newer
    `nn.utils.parametrizations.weight_norm` does the same, and reads the state dicts of this one.

    Raises RuntimeError for a parameter that has it already.
    """
    warnings.warn(
        "`nn.utils.weight_norm` is deprecated in favor of `nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
        stacklevel=2,
    )
    WeightNorm.apply(module, name, dim)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Make a parameter that `weight_norm` split whole again; returns the module. ValueError where it was not."""
    take_pre_hook(module, WeightNorm, name, "weight_norm").remove(module)
    return module
