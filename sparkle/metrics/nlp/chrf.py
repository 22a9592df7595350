"""chrF and chrF++."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from ..exceptions import check_seen
from ..metric import Metric, same
from .utils import check_as_many, ngrams

__all__ = ["ChrF"]


class ChrF(Metric):
    """The F-measure of common n-grams of characters, mean precision and recall over n (Popović 2015); 0 to 1.

    char_order: the largest n. word_order: as many n of words are added to the mean, 2 for chrF++ (Popović 2017), with
    punctuation taken off words. beta: how much more recall counts than precision. whitespace: does white space count?
    lowercase: is case ignored? Counts are added over all texts; of several references the one with the best F counts.

    The output is (y_pred, y): texts, and for each a text or a list of them. Raises ValueError for other arguments, for
    other lengths and a list of none, TypeError for what is no text.

    >>> score = ChrF()
    >>> score.update((["the cat sat"], ["the cat sat"]))
    >>> score.compute()
    1.0
    """

    _state_dict_all_req_keys = ("_counts", "_num_examples")

    def __init__(
        self,
        char_order: int = 6,
        word_order: int = 0,
        beta: float = 2.0,
        whitespace: bool = False,
        lowercase: bool = False,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
    ) -> None:
        if char_order < 1 or word_order < 0:
            raise ValueError(f"Arguments char_order >= 1 and word_order >= 0 wanted, got {char_order} and {word_order}")
        if beta <= 0:
            raise ValueError(f"Argument beta should be > 0, got {beta}")
        self._char_order, self._word_order, self._beta = char_order, word_order, beta
        self._whitespace, self._lowercase = whitespace, lowercase
        super().__init__(output_transform, device)

    def reset(self) -> None:
        # For each order: the n-grams of the prediction, of the reference, and those in common.
        self._counts: Any = self._keep(numpy.zeros((self._char_order + self._word_order, 3), dtype="int64"))
        self._num_examples = 0

    def update(self, output: tuple[Sequence[str], Sequence[str | Sequence[str]]]) -> None:
        texts, references = output
        check_as_many(texts, references, "ChrF")
        each = [self._best(text, refs) for text, refs in zip(texts, references, strict=True)]
        if each:
            self._counts = self._counts + self._keep(numpy.sum(each, axis=0))
        self._num_examples += len(each)

    def _best(self, text: str, references: str | Sequence[str]) -> Any:
        references = [references] if isinstance(references, str) else references
        if not len(references):
            raise ValueError("ChrF: a text has no reference; it needs at least one")
        grams = self._ngrams(text)
        each = [self._compared(grams, self._ngrams(reference)) for reference in references]
        return max(each, key=lambda counts: _f_measure(counts.tolist(), self._beta))

    def _ngrams(self, text: str) -> list[Any]:
        if not isinstance(text, str):
            raise TypeError(f"ChrF: wanted a text, met {type(text).__name__}")
        text = text.lower() if self._lowercase else text
        letters = text if self._whitespace else "".join(text.split())
        words = [word for part in text.split() for word in _without_punctuation(part)] if self._word_order else []
        return [
            *(ngrams(letters, n) for n in range(1, self._char_order + 1)),
            *(ngrams(words, n) for n in range(1, self._word_order + 1)),
        ]

    @staticmethod
    def _compared(ours: list[Any], theirs: list[Any]) -> Any:
        pairs = zip(ours, theirs, strict=True)
        # n-grams of a text that has a reference without any are not held against it
        return numpy.array([(a.total() if b else 0, b.total(), (a & b).total()) for a, b in pairs], dtype="int64")

    def compute(self) -> float:
        check_seen(self, self._num_examples)
        return _f_measure(self._counts.tolist(), self._beta)


def _f_measure(counts: list[list[int]], beta: float) -> float:
    """Of the mean precision and recall over the orders in which both have n-grams."""
    known = [(match / ours, match / theirs) for ours, theirs, match in counts if ours and theirs]
    precision, recall = (sum(column) / len(known) for column in zip(*known, strict=True)) if known else (0.0, 0.0)
    if not precision + recall:
        return 0.0
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)


def _without_punctuation(word: str) -> list[str]:
    """A word, and the mark at its end or beginning on its own."""
    if len(word) > 1 and word[-1] in string.punctuation:
        return [word[:-1], word[-1]]
    if len(word) > 1 and word[0] in string.punctuation:
        return [word[0], word[1:]]
    return [word]
