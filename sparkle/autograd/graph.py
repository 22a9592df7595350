"""The graph that ops leave behind, as `torch.autograd.graph`: nodes, hooks, edges and versions."""

from ..core.autograd.op import Op as Node
from ..core.tensor.differentiation.gradients import GradientEdge
from ..core.tensor.differentiation.graph import get_gradient_edge, increment_version, register_multi_grad_hook
from ..core.tensor.differentiation.saved import disable_saved_tensors_hooks, save_on_cpu, saved_tensors_hooks

__all__ = [
    "GradientEdge",
    "Node",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]
