"""How parameters are pruned: a mask times the original, by a hook, and masks on top of masks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from ...tensor.making.filled import ones_like
from .hooks import pre_hooks


class BasePruningMethod(ABC):
    """A way to prune: a subclass defines `compute_mask`, and PRUNING_TYPE.

    That says what a mask on top of another is computed from: "unstructured", the elements that are left, as a vector;
    "structured", the channels along `self.dim` of which something is left; "global", all.

    An object of it is a hook that sets `<name>` = `<name>_mask` · `<name>_orig` in a module before each forward.
    """

    PRUNING_TYPE: str
    _tensor_name: str

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask of ones and zeros for a tensor of importance scores, within the mask that there is."""

    def apply_mask(self, module: Any) -> Any:
        """Mask times original."""
        original = getattr(module, f"{self._tensor_name}_orig")
        return getattr(module, f"{self._tensor_name}_mask").to(original.dtype) * original

    @classmethod
    def apply(cls, module: Any, name: str, *args: Any, importance_scores: Any = None, **kwargs: Any) -> Any:
        """Prune a module's parameter by cls(*args, **kwargs), after what pruned it before; returns the hook.

        importance_scores: a tensor of the parameter's shape that stands for it when the mask is computed. Raises
        AssertionError for another shape; whatever is raised, the module is as it was.
        """
        method = cls(*args, **kwargs)
        method._tensor_name = name
        earlier = pre_hooks(module, BasePruningMethod, name)
        if len(earlier) > 1:
            raise AssertionError(
                f"Avoid adding multiple pruning hooks to the same tensor {name} of module {module}. Use a "
                "PruningContainer."
            )
        present = getattr(module, name)
        scores = _scores(importance_scores, present, f"parameter {name} of {module}")
        if not earlier:
            mask = method.compute_mask(scores, default_mask=ones_like(present))
            module.register_parameter(f"{name}_orig", present)
            del module._parameters[name]
        else:
            key, old = earlier[0]
            mask = combined_mask(method, scores, getattr(module, f"{name}_mask").detach().clone())
            container = old if isinstance(old, PruningContainer) else PruningContainer(old)
            container.add_pruning_method(method)
            method = container
            del module._forward_pre_hooks[key]
        module.register_buffer(f"{name}_mask", mask)
        setattr(module, name, method.apply_mask(module))
        module.register_forward_pre_hook(method)
        return method

    def prune(self, t: Any, default_mask: Any = None, importance_scores: Any = None) -> Any:
        """The tensor pruned: times the mask for it, or for importance_scores, within default_mask."""
        scores = _scores(importance_scores, t, "tensor t")
        return t * self.compute_mask(scores, default_mask=ones_like(t) if default_mask is None else default_mask)

    def remove(self, module: Any) -> None:
        """Make the pruned tensor the parameter, without mask; the hook itself stays, see `prune.remove`."""
        name = self._tensor_name
        weight = self.apply_mask(module)
        if hasattr(module, name):
            delattr(module, name)
        original = module._parameters.pop(f"{name}_orig")
        original.data = weight.detach()
        del module._buffers[f"{name}_mask"]
        setattr(module, name, original)


def _scores(given: Any, tensor: Any, what: str) -> Any:
    if given is None:
        return tensor
    if given.shape != tensor.shape:
        raise AssertionError(
            f"importance_scores should have the same shape as {what}, got {given.shape} vs {tensor.shape}"
        )
    return given


class PruningContainer(BasePruningMethod):
    """Pruning methods of one tensor, in the order in which they were applied."""

    def __init__(self, *args: BasePruningMethod) -> None:
        self._pruning_methods: tuple[BasePruningMethod, ...] = ()
        if args:
            self._tensor_name = args[0]._tensor_name
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: BasePruningMethod) -> None:
        """Add one at the end; TypeError for what is no pruning method, ValueError for one of another tensor."""
        if not isinstance(method, BasePruningMethod):
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if self._tensor_name != method._tensor_name:
            raise ValueError(
                f"Can only add pruning methods acting on the parameter named '{self._tensor_name}' to PruningContainer "
                f"{self}. Found '{method._tensor_name}'"
            )
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Iterator[BasePruningMethod]:
        return iter(self._pruning_methods)

    def __getitem__(self, idx: Any) -> Any:
        return self._pruning_methods[idx]

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask of the latest method on top of default_mask."""
        return combined_mask(self._pruning_methods[-1], t, default_mask)


def combined_mask(method: Any, t: Any, mask: Any) -> Any:
    """The mask with a method's own in the part that the method's PRUNING_TYPE leaves to it.

    Raises ValueError for an unknown type, AttributeError for a structured method without `dim`.
    """
    part = _open_part(method, t, mask)
    new = mask.to(t.dtype, copy=True)
    new[part] = method.compute_mask(t[part], default_mask=mask[part]).to(new.dtype)
    return new


def _open_part(method: Any, t: Any, mask: Any) -> Any:
    """The index of what a method may prune."""
    if method.PRUNING_TYPE == "unstructured":
        return mask == 1
    if method.PRUNING_TYPE == "global":
        return (slice(None),) * t.dim()
    if method.PRUNING_TYPE != "structured":
        raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
    if not hasattr(method, "dim"):
        raise AttributeError('Pruning methods of PRUNING_TYPE "structured" need to have the attribute `dim` defined.')
    dim = method.dim + t.dim() if method.dim < 0 else method.dim
    if dim < 0:
        raise IndexError(f"Index {method.dim} is out of bounds for tensor with dimensions {t.dim()}")
    kept = mask.sum(dim=[d for d in range(t.dim()) if d != dim]) != 0
    return (*[slice(None)] * dim, kept)
