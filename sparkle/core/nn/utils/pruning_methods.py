"""Ways to prune: at random, by size, by the norms of channels, by a given mask."""

from __future__ import annotations

import numbers
from typing import Any

from ...tensor.functions.linear.norms import norm
from ...tensor.functions.reductions.sorting import topk
from ...tensor.functions.sampling import rand, rand_like
from ...tensor.making.filled import zeros_like
from .pruning import BasePruningMethod


class Identity(BasePruningMethod):
    """Prunes nothing."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask that there is."""
        return default_mask

    @classmethod
    def apply(cls, module: Any, name: str) -> Any:  # type: ignore[override]
        """Give a module's parameter a mask of ones; returns the hook."""
        return super().apply(module, name)


class _Amount(BasePruningMethod):
    """What prunes an amount: a number of units, or a part from 0 to 1 of those there are.

    Raises TypeError for what is no number, ValueError outside of the range.
    """

    amount: Any

    def __init__(self, amount: float) -> None:
        if not isinstance(amount, numbers.Real):
            raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
        if amount < 0 or (amount > 1.0 and not isinstance(amount, numbers.Integral)):
            raise ValueError(f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer")
        self.amount = amount

    def _count(self, size: int) -> int:
        """How many of so many units; ValueError for more than there are."""
        count = int(self.amount) if isinstance(self.amount, numbers.Integral) else round(self.amount * size)
        if count > size:
            raise ValueError(f"amount={count} should be smaller than the number of parameters to prune={size}")
        return count


def _without(mask: Any, indices: Any) -> Any:
    """The mask with 0 at these places of its flat form."""
    mask = mask.contiguous().clone()
    mask.view(-1)[indices] = 0
    return mask


class RandomUnstructured(_Amount):
    """Prunes single elements at random; amount: how many, or which part from 0 to 1."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """default_mask without elements at random."""
        count = self._count(t.numel())
        return _without(default_mask, topk(rand_like(t).view(-1), count).indices)

    @classmethod
    def apply(cls, module: Any, name: str, amount: float) -> Any:  # type: ignore[override]
        """Prune a module's parameter; returns the hook."""
        return super().apply(module, name, amount=amount)


class L1Unstructured(_Amount):
    """Prunes the elements nearest to 0; amount: how many, or which part from 0 to 1."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """default_mask without the smallest elements."""
        count = self._count(t.numel())
        return _without(default_mask, topk(t.detach().abs().reshape(-1), count, largest=False).indices)

    @classmethod
    def apply(cls, module: Any, name: str, amount: float, importance_scores: Any = None) -> Any:  # type: ignore[override]
        """Prune a module's parameter; returns the hook."""
        return super().apply(module, name, amount=amount, importance_scores=importance_scores)


class _Channels(_Amount):
    """What prunes whole channels along dim."""

    PRUNING_TYPE = "structured"
    dim: int

    def _count_channels(self, t: Any) -> int:
        """How many to prune; ValueError for fewer than two dims, IndexError for a dim that there is not."""
        if t.dim() <= 1:
            raise ValueError(
                "Structured pruning can only be applied to multidimensional tensors. Found tensor of shape "
                f"{t.shape} with {t.dim()} dims"
            )
        if not -t.dim() <= self.dim < t.dim():
            raise IndexError(f"Invalid index {self.dim} for tensor of size {t.shape}")
        return self._count(t.shape[self.dim])

    def _keep(self, t: Any, channels: Any, default_mask: Any) -> Any:
        """default_mask in these channels, 0 in all others."""
        mask = zeros_like(t, requires_grad=False)
        mask[(*[slice(None)] * (self.dim % t.dim()), channels)] = 1
        return mask.mul_(default_mask.to(mask.dtype))


class RandomStructured(_Channels):
    """Prunes whole channels along dim at random; amount: how many, or which part from 0 to 1."""

    def __init__(self, amount: float, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """default_mask without channels at random; IndexError for a dim that t has not."""
        count = self._count_channels(t)
        if count == 0:
            return default_mask
        size = t.shape[self.dim]
        return self._keep(t, topk(rand(size, device=t.device), size - count).indices, default_mask)

    @classmethod
    def apply(cls, module: Any, name: str, amount: float, dim: int = -1) -> Any:  # type: ignore[override]
        """Prune a module's parameter; returns the hook."""
        return super().apply(module, name, amount=amount, dim=dim)


class LnStructured(_Channels):
    """Prunes the channels along dim of the smallest n-norm, n as p in `sparkle.norm`.

    amount: how many, or which part from 0 to 1.
    """

    def __init__(self, amount: float, n: Any, dim: int = -1) -> None:
        super().__init__(amount)
        self.n, self.dim = n, dim

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """default_mask without the channels of the smallest norms; IndexError for a dim that t has not."""
        count = self._count_channels(t)
        others = [d for d in range(t.dim()) if d != self.dim % t.dim()]
        norms = norm(t.detach(), p=self.n, dim=others)
        if count == 0:
            return default_mask
        return self._keep(t, topk(norms, t.shape[self.dim] - count).indices, default_mask)

    @classmethod
    def apply(  # type: ignore[override]
        cls, module: Any, name: str, amount: float, n: Any, dim: int, importance_scores: Any = None
    ) -> Any:
        """Prune a module's parameter; returns the hook."""
        return super().apply(module, name, amount=amount, n=n, dim=dim, importance_scores=importance_scores)


class CustomFromMask(BasePruningMethod):
    """Prunes where a mask is 0."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """default_mask times the mask; AssertionError where their shapes differ."""
        if default_mask.shape != self.mask.shape:
            raise AssertionError(f"mask is {self.mask.shape}, the tensor to prune {default_mask.shape}")
        return default_mask * self.mask.to(default_mask.dtype)

    @classmethod
    def apply(cls, module: Any, name: str, mask: Any) -> Any:  # type: ignore[override]
        """Prune a module's parameter; returns the hook."""
        return super().apply(module, name, mask=mask)
