"""Lookup tables whose rows are combined bag by bag."""

from __future__ import annotations

from typing import Any

from ...tensor.making.filled import empty
from ...tensor.switches import no_grad
from .. import functional as F
from .. import init
from ..base.module import Module
from ..parameter import Parameter
from .embedding import padding_row


class EmbeddingBag(Module):
    """`F.embedding_bag` with a weight (num_embeddings, embedding_dim) that starts with numbers from N(0, 1).

    Raises AssertionError for padding_idx outside of the table, ValueError for sparse=True.

    >>> import sparkle
    >>> EmbeddingBag(10, 3)(sparkle.tensor([1, 2, 4, 5]), sparkle.tensor([0, 3])).shape
    sparkle.Size([2, 3])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if sparse:
            raise ValueError("EmbeddingBag: sparse=True is not supported, there are no sparse tensors")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.padding_idx = padding_row(padding_idx, num_embeddings)
        if _weight is None:
            self.weight = Parameter(empty(num_embeddings, embedding_dim, device=device, dtype=dtype))
            self.reset_parameters()
        else:
            if list(_weight.shape) != [num_embeddings, embedding_dim]:
                raise AssertionError(
                    f"Shape of weight does not match num_embeddings and embedding_dim: {tuple(_weight.shape)}, "
                    f"{(num_embeddings, embedding_dim)}"
                )
            self.weight = Parameter(_weight)
        self.mode, self.sparse, self.include_last_offset = mode, sparse, include_last_offset

    def reset_parameters(self) -> None:
        """Draw new first values."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx].fill_(0)

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        """`F.embedding_bag`"""
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> EmbeddingBag:
        """Bags over the given matrix; freeze: it does not learn."""
        if embeddings.ndim != 2:
            raise AssertionError(f"Embeddings parameter is expected to be 2-dimensional, met {tuple(embeddings.shape)}")
        options = (max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings, include_last_offset, padding_idx)
        rows, width = embeddings.shape
        made = cls(rows, width, *options)
        made.weight.requires_grad = not freeze
        return made

    def extra_repr(self) -> str:
        """The sizes, the mode, and what differs from the defaults."""
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        parts += [] if self.max_norm is None else [f"max_norm={self.max_norm!r}"]
        parts += [] if self.norm_type == 2 else [f"norm_type={self.norm_type!r}"]
        parts += [f"scale_grad_by_freq={self.scale_grad_by_freq}"] if self.scale_grad_by_freq else []
        parts += [f"mode={self.mode!r}"]
        parts += [] if self.padding_idx is None else [f"padding_idx={self.padding_idx}"]
        return ", ".join(parts)
