"""Jacobians, Hessians and products with them, as `torch.autograd.functional`."""

from ..core.tensor.differentiation.jacobians import hessian, hvp, jacobian, jvp, vhp, vjp

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]
