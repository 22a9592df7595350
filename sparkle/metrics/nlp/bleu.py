"""BLEU."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy

from ..exceptions import check_seen
from ..metric import Metric, same
from .utils import check_as_many, modified_precision

__all__ = ["Bleu"]

Tokens = Sequence[Hashable]
SMOOTHINGS = ("no_smooth", "smooth1", "nltk_smooth2", "smooth2")


class Bleu(Metric):
    """exp(mean over n of log p_n) * brevity penalty (Papineni et al. 2002), p_n the precision of n-grams; 0 to 1.

    ngram: the largest n. smooth: for counts of zero, "no_smooth" gives 0; "smooth1" takes 0.1 matches; "smooth2" (and
    "nltk_smooth2") adds one to both counts where n > 1 (Chen, Cherry 2014). average: "macro" is the mean over
    sentences, "micro" that of all their counts added.

    The output is (y_pred, y): candidates, sequences of tokens, and for each a list of references. Raises ValueError for
    other arguments, for as many lists of references as there are not candidates, and for a list of none.

    >>> bleu = Bleu(ngram=2)
    >>> bleu.update(([["the", "cat", "sat"]], [[["the", "cat", "sat"], ["a", "cat", "sat", "there"]]]))
    >>> bleu.compute()
    1.0
    """

    _state_dict_all_req_keys: tuple[str, ...] = (
        *("p_numerators", "p_denominators", "hyp_length_sum", "ref_length_sum"),
        "_num_sentences",
    )

    def __init__(
        self,
        ngram: int = 4,
        smooth: str = "no_smooth",
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        average: str = "macro",
    ) -> None:
        if ngram <= 0:
            raise ValueError(f"ngram order must be greater than zero (got: {ngram})")
        if smooth not in SMOOTHINGS:
            raise ValueError(f"Smooth is not valid (expected: {list(SMOOTHINGS)}, got: {smooth})")
        if average not in ("macro", "micro"):
            raise ValueError(f'Average must be either "macro" or "micro" (got: {average})')
        self.ngrams_order, self.smooth, self.average = ngram, smooth, average
        if average == "macro":
            self._state_dict_all_req_keys = ("_sum_of_bleu", "_num_sentences")
        super().__init__(output_transform, device)

    def reset(self) -> None:
        self._num_sentences = 0
        self._sum_of_bleu = 0.0
        self.p_numerators: Any = numpy.zeros(self.ngrams_order, dtype="int64")
        self.p_denominators: Any = numpy.zeros(self.ngrams_order, dtype="int64")
        self.hyp_length_sum = self.ref_length_sum = 0

    def update(self, output: tuple[Sequence[Tokens], Sequence[Sequence[Tokens]]]) -> None:
        candidates, references = output
        check_as_many(candidates, references, "Bleu")
        counted = [self._counts(refs, hyp) for hyp, refs in zip(candidates, references, strict=True)]
        for hits, found, hyp_length, ref_length in counted:
            if self.average == "macro":
                self._sum_of_bleu += self._score(hits, found, hyp_length, ref_length)
            else:
                for i in range(self.ngrams_order):
                    self.p_numerators[i] += hits[i]
                    self.p_denominators[i] += found[i]
                self.hyp_length_sum += hyp_length
                self.ref_length_sum += ref_length
        self._num_sentences += len(counted)

    def _counts(self, references: Sequence[Tokens], candidate: Tokens) -> tuple[list[int], list[int], int, int]:
        """Matches and n-grams for each n, the candidate's length, and that of the reference nearest in length."""
        if not len(references):
            raise ValueError("Bleu: a candidate has no reference; it needs at least one")
        counts = [modified_precision(references, candidate, n) for n in range(1, self.ngrams_order + 1)]
        length = len(candidate)
        nearest = min((abs(len(reference) - length), len(reference)) for reference in references)[1]
        return [hits for hits, _ in counts], [found for _, found in counts], length, nearest

    def _score(self, hits: list[int], found: list[int], hyp_length: int, ref_length: int) -> float:
        if not hits[0] or (self.smooth == "no_smooth" and not all(hits)):
            return 0.0
        precisions = [self._smoothed(n, a, b) for n, (a, b) in enumerate(zip(hits, found, strict=True), start=1)]
        penalty = min(0.0, 1 - ref_length / hyp_length)
        return math.exp(penalty + math.fsum(map(math.log, precisions)) / self.ngrams_order)

    def _smoothed(self, n: int, hits: int, found: int) -> float:
        if self.smooth == "smooth1":
            return (hits or 0.1) / max(1, found)
        if n > 1 and self.smooth != "no_smooth":
            return (hits + 1) / ((max(1, found) if self.smooth == "nltk_smooth2" else found) + 1)
        return hits / found

    def compute(self) -> float:
        check_seen(self, self._num_sentences)
        if self.average == "macro":
            return float(self._sum_of_bleu) / self._num_sentences
        hits, found = self.p_numerators.tolist(), self.p_denominators.tolist()
        return self._score(hits, found, self.hyp_length_sum, self.ref_length_sum)
