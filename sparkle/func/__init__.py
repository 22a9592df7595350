"""Functions made from functions, as `torch.func`. `vmap` is not supported: batch dims are part of every op."""

from ..core.nn.stateless import functional_call
from ..core.tensor.differentiation.transforms import grad, grad_and_value, hessian, jacrev, jvp, vjp

__all__ = ["functional_call", "grad", "grad_and_value", "hessian", "jacrev", "jvp", "vjp"]
