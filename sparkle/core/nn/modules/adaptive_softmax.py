"""A softmax over very many classes, of which the rare ones cost less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...tensor.functions.reductions.reduction import argmax
from ...tensor.functions.reductions.searching import nonzero
from ...tensor.functions.shaping.indexing import gather, index_add
from ...tensor.functions.shaping.joining import cat
from ...tensor.functions.shaping.shape import squeeze, unsqueeze
from ...tensor.making.filled import zeros_like
from .. import functional as F
from ..base.containers import ModuleList, Sequential
from ..base.module import Module
from .linear import Linear


class _ASMoutput(NamedTuple):
    """What `AdaptiveLogSoftmaxWithLoss` returns."""

    output: Any
    loss: Any


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log-softmax over classes ordered from frequent to rare, in clusters of their own (Grave et al., 2017).

    The head knows the classes below cutoffs[0] and each cluster as a whole; cluster i, from cutoffs[i] on, sees the
    input in in_features / div_value^(i + 1) features. Takes (n, in_features) and n targets, or one of each, and gives
    the targets' log-probabilities as `output`, and the mean of their negatives as `loss`. ValueError for cutoffs that
    do not rise from above 0 to below n_classes, RuntimeError for targets outside.

    >>> import sparkle
    >>> softmax = AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs=[4, 10], div_value=2.0)
    >>> softmax(sparkle.zeros(3, 8), sparkle.tensor([0, 7, 19])).output.shape
    sparkle.Size([3])
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        place = {"device": device, "dtype": dtype}
        cutoffs = list(cutoffs)
        if not cutoffs:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        if (
            cutoffs != sorted(set(cutoffs))
            or cutoffs[0] <= 0
            or cutoffs[-1] > n_classes - 1
            or any(int(c) != c for c in cutoffs)
        ):
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each "
                f"value is between 1 and n_classes - 1 = {n_classes - 1}, met {cutoffs}"
            )
        self.in_features, self.n_classes, self.cutoffs = in_features, n_classes, [*cutoffs, n_classes]
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size, self.n_clusters = cutoffs[0], len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, **place)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            inside, classes = int(in_features // div_value ** (i + 1)), self.cutoffs[i + 1] - self.cutoffs[i]
            narrow = Linear(in_features, inside, bias=False, **place)
            self.tail.append(Sequential(narrow, Linear(inside, classes, bias=False, **place)))

    def reset_parameters(self) -> None:
        """Draw new first values."""
        self.head.reset_parameters()
        for narrow, wide in self.tail:
            narrow.reset_parameters()
            wide.reset_parameters()

    def forward(self, input_: Any, target_: Any) -> _ASMoutput:
        """The targets' log-probabilities, and the loss."""
        self._check(input_, target_)
        alone = target_.dim() == 0
        input, target = (unsqueeze(input_, 0), unsqueeze(target_, 0)) if alone else (input_, target_)
        head = F.log_softmax(self.head(input), dim=1)
        output = zeros_like(head[:, 0])
        for i, (low, high) in enumerate(zip([0, *self.cutoffs], self.cutoffs, strict=False)):
            rows = squeeze(nonzero((target >= low) & (target < high)), 1)
            if rows.numel():
                output = index_add(output, 0, rows, self._picked(input, head, target, rows, i, low))
        return _ASMoutput(squeeze(output, 0) if alone else output, (-output).mean())

    def _picked(self, input: Any, head: Any, target: Any, rows: Any, i: int, low: int) -> Any:
        """The log-probabilities of the targets of some rows, which are all in the same part."""
        place = unsqueeze(target[rows] - low, 1)
        if i == 0:
            return squeeze(gather(head[rows], 1, place), 1)
        inside = F.log_softmax(self.tail[i - 1](input[rows]), dim=1)
        return head[rows, self.shortlist_size + i - 1] + squeeze(gather(inside, 1, place), 1)

    def _check(self, input: Any, target: Any) -> None:
        if target.dim() not in (0, 1):
            raise RuntimeError(f"0D or 1D target tensor expected, multi-target not supported, met {target.dim()}D")
        if input.dim() != target.dim() + 1:
            raise RuntimeError(f"{target.dim()}D target tensor expects {target.dim() + 1}D input, met {input.dim()}D")
        if target.dim() == 1 and input.shape[0] != target.shape[0]:
            raise RuntimeError(
                f"Input and target should have the same size in the batch dimension: {input.shape[0]} and "
                f"{target.shape[0]}"
            )
        if target.numel() and not 0 <= int(target.min()) <= int(target.max()) < self.n_classes:
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                f"[{target.min().item()}, {target.max().item()}] were found."
            )

    def log_prob(self, input: Any) -> Any:
        """(n, in_features) to (n, n_classes): the log-probabilities of all classes."""
        head = F.log_softmax(self.head(input), dim=1)
        parts = [head[:, : self.shortlist_size]]
        for i, cluster in enumerate(self.tail):
            whole = head[:, self.shortlist_size + i : self.shortlist_size + i + 1]
            parts.append(F.log_softmax(cluster(input), dim=1) + whole)
        return cat(parts, 1)

    def predict(self, input: Any) -> Any:
        """(n, in_features) to n: the most probable classes. Only clusters likelier than the shortlist are looked at."""
        head = self.head(input)
        output = argmax(head, 1)
        late = output >= self.shortlist_size
        if bool(late.any()):
            rows = squeeze(nonzero(late), 1)
            output[rows] = argmax(self.log_prob(input[rows]), 1)
        return output
