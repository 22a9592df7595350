"""The rate of wrong characters."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from ..exceptions import check_seen
from ..metric import Metric
from .utils import edit_distance

__all__ = ["CharacterErrorRate"]


class EditErrorRate(Metric):
    """Base of rates: edit distances between predicted and true texts, added, divided by the true texts' length, added.

    The output is (y_pred, y), two texts, or two lists of as many texts. The rate can exceed 1. Where all true texts are
    empty it is 0 if nothing was predicted, else 1. Raises TypeError for other types, ValueError for other lengths.
    """

    _state_dict_all_req_keys = ("_num_errors", "_num_refs", "_num_examples")

    def reset(self) -> None:
        self._num_errors = self._num_refs = self._num_examples = 0

    def update(self, output: Any) -> None:
        y_pred, y = output
        if isinstance(y_pred, str) and isinstance(y, str):
            y_pred, y = [y_pred], [y]
        self._check(y_pred, y)
        for predicted, true in zip(map(self._units, y_pred), map(self._units, y), strict=True):
            self._num_errors += edit_distance(true, predicted)
            self._num_refs += len(true)
            self._num_examples += 1

    def _check(self, y_pred: Any, y: Any) -> None:
        name = type(self).__name__
        for texts in (y_pred, y):
            if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
                raise TypeError(
                    f"{name}: y_pred and y must be str or list[str], got y_pred: {type(y_pred)} and y: {type(y)}"
                )
        if len(y_pred) != len(y):
            raise ValueError(
                f"{name}: y_pred and y must have the same length. Got y_pred of length {len(y_pred)} and y of length "
                f"{len(y)}."
            )

    def compute(self) -> float:
        check_seen(self, self._num_examples)
        if not self._num_refs:
            return float(self._num_errors > 0)
        return self._num_errors / self._num_refs

    @abstractmethod
    def _units(self, text: str) -> Any:
        """The sequence in which errors are counted."""


class CharacterErrorRate(EditErrorRate):
    """Inserted, deleted and replaced characters / characters of the true texts. See `EditErrorRate`.

    >>> rate = CharacterErrorRate()
    >>> rate.update((["kitten", "sat"], ["sitting", "sat"]))
    >>> rate.compute()
    0.3
    """

    def _units(self, text: str) -> str:
        return text
