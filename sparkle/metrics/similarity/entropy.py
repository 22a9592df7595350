"""Entropy and mutual information of predicted distributions."""

from __future__ import annotations

from typing import Any

from ...core.backend import library
from ..arrays import tensors
from ..exceptions import check_seen
from ..metric import Metric
from ..quiet import quiet
from .softmax import probabilities, scores_by_class, weighted


class Entropy(Metric):
    """The mean over examples of -sum p log p, in nats, where p = softmax(y_pred) along the classes.

    The output is (y_pred, y), y_pred (B, C) or (B, C, ...) of logits; y is not looked at. A probability of 0 counts 0.
    Raises ValueError for y_pred of one dim. nan makes the value nan.

    >>> import sparkle
    >>> entropy = Entropy()
    >>> entropy.update((sparkle.zeros(3, 4), sparkle.zeros(3)))
    >>> round(entropy.compute(), 4)  # log 4
    1.3863
    """

    _state_dict_all_req_keys: tuple[str, ...] = ("_sum_of_entropies", "_num_examples")

    def reset(self) -> None:
        self._sum_of_entropies: Any = 0.0
        self._num_examples = 0

    def update(self, output: Any) -> None:
        y_pred, _ = tensors(output, self)
        with quiet():
            self._add(*probabilities(scores_by_class(y_pred.array, self)))

    def _add(self, p: Any, log_p: Any) -> None:
        self._sum_of_entropies = self._sum_of_entropies - self._keep(weighted(p, log_p).sum())
        self._num_examples += len(p)

    def compute(self) -> float:
        check_seen(self, self._num_examples)
        return float(self._sum_of_entropies) / self._num_examples


class MutualInformation(Entropy):
    """The entropy of the mean of the predicted distributions less the mean of their entropies, in nats; at least 0.

    High where each prediction is certain and they differ. The output is that of `Entropy`; all batches have as many
    classes (ValueError).

    >>> import sparkle
    >>> information = MutualInformation()
    >>> information.update((sparkle.tensor([[100.0, 0.0], [0.0, 100.0]]), sparkle.zeros(2)))
    >>> round(information.compute(), 4)  # log 2
    0.6931
    """

    _state_dict_all_req_keys = (*Entropy._state_dict_all_req_keys, "_sum_of_probabilities")

    def reset(self) -> None:
        super().reset()
        self._sum_of_probabilities: Any = None

    def _add(self, p: Any, log_p: Any) -> None:
        held, total = self._sum_of_probabilities, self._keep(p.sum(axis=0))
        if held is not None and held.shape != total.shape:
            raise ValueError(f"MutualInformation: y_pred has {len(total)} classes, before it had {len(held)}")
        super()._add(p, log_p)
        self._sum_of_probabilities = total if held is None else held + total

    def compute(self) -> float:
        conditional = super().compute()
        mean = self._sum_of_probabilities / self._num_examples
        xp = library(mean)
        marginal = -float(weighted(mean, xp.log(xp.where(mean == 0, 1.0, mean))).sum())
        information = marginal - conditional
        return 0.0 if information < 0 else information  # rounding; nan stays
