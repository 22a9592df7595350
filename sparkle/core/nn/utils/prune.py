"""Pruning of modules' parameters: `sparkle.nn.utils.prune`.

A pruned parameter is called `<name>_orig`, its mask is the buffer `<name>_mask`, and `<name>` is their product, made
before each forward. Pruning again goes on from there: an amount counts what is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...tensor.making.filled import ones_like
from .hooks import take_pre_hook
from .pruning import BasePruningMethod, combined_mask
from .pruning_methods import (
    CustomFromMask,
    Identity,
    L1Unstructured,
    LnStructured,
    RandomStructured,
    RandomUnstructured,
)
from .vectors import parameters_to_vector


def identity(module: Any, name: str) -> Any:
    """Give a parameter a mask of ones; returns the module."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: Any, name: str, amount: float) -> Any:
    """Prune elements of a parameter at random, so many or such a part from 0 to 1; returns the module."""
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: Any, name: str, amount: float, importance_scores: Any = None) -> Any:
    """Prune the elements of a parameter that are nearest to 0, so many or such a part from 0 to 1; returns the module.

    importance_scores: a tensor of the same shape that decides in the parameter's place.

    >>> import sparkle
    >>> layer = sparkle.nn.Linear(3, 1, bias=False)
    >>> layer.weight.data = sparkle.tensor([[3.0, -1.0, 2.0]])
    >>> l1_unstructured(layer, "weight", amount=1).weight
    tensor([[3., -0., 2.]], grad_fn=<MulBackward0>)
    """
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module: Any, name: str, amount: float, dim: int) -> Any:
    """Prune channels of a parameter along dim at random, so many or such a part from 0 to 1; returns the module."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module: Any, name: str, amount: float, n: Any, dim: int, importance_scores: Any = None) -> Any:
    """Prune the channels of a parameter along dim of the smallest n-norm; returns the module.

    amount: how many, or which part from 0 to 1. importance_scores: a tensor of the same shape that decides in the
    parameter's place.
    """
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: Any, name: str, mask: Any) -> Any:
    """Prune a parameter where the mask is 0; returns the module."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(parameters: Any, pruning_method: Any, importance_scores: Any = None, **kwargs: Any) -> None:
    """Prune parameters as if they were one: all that pruning_method(**kwargs) takes away from them together.

    parameters: (module, name) pairs; pruning_method: a class such as L1Unstructured, whose amount counts elements of
    all of them; importance_scores: a dict of (module, name) -> tensor that decides in the parameter's place.

    Raises TypeError for other things, and for a method that is not unstructured.

    >>> import sparkle
    >>> net = sparkle.nn.Sequential(sparkle.nn.Linear(4, 4), sparkle.nn.Linear(4, 1))
    >>> global_unstructured([(net[0], "weight"), (net[1], "weight")], L1Unstructured, amount=0.5)
    >>> sum(int(mask.sum()) for mask in net.buffers())
    10
    """
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    places = [(module, name, getattr(module, name)) for module, name in parameters]
    together = parameters_to_vector([scores.get((module, name), p) for module, name, p in places])
    before = parameters_to_vector([getattr(module, f"{name}_mask", ones_like(p)) for module, name, p in places])
    mask = combined_mask(method, together.detach(), before)
    for (module, name, p), part in zip(places, mask.split([p.numel() for *_, p in places]), strict=True):
        custom_from_mask(module, name, mask=part.view_as(p))


def remove(module: Any, name: str) -> Any:
    """Make the pruned parameter a plain one, with its zeros, and forget its mask; returns the module.

    Raises ValueError for a parameter that is not pruned.
    """
    take_pre_hook(module, BasePruningMethod, name, "pruning").remove(module)
    return module


def is_pruned(module: Any) -> bool:
    """Is any parameter, of the module or below it, pruned?"""
    hooks = [hook for part in module.modules() for hook in part._forward_pre_hooks.values()]
    return any(isinstance(getattr(hook, "function", hook), BasePruningMethod) for hook in hooks)
