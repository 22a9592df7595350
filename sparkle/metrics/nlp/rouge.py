"""ROUGE."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from ..exceptions import check_seen
from ..metric import Metric, same
from .utils import check_as_many, lcs, ngrams

__all__ = ["Rouge", "RougeL", "RougeN"]

Tokens = Sequence[Hashable]


class Score(NamedTuple):
    """What candidate and reference have in common, and how much each has; precision and recall are 0 of nothing.

    >>> Score(match=1, candidate=2, reference=4).recall()
    0.25
    """

    match: int
    candidate: int
    reference: int

    def precision(self) -> float:
        return self.match / self.candidate if self.candidate else 0.0

    def recall(self) -> float:
        return self.match / self.reference if self.reference else 0.0


class RougeBase(Metric):
    """Base of ROUGE: the means over candidates of precision, recall and F-measure (Lin 2004).

    multiref: with several references "average" adds their counts, "best" takes the one with the greatest recall. alpha:
    F = P R / ((1 - alpha) P + alpha R). The output is (y_pred, y): candidates, sequences of tokens, and for each a list
    of references. Raises ValueError for other arguments, for as many lists of references as there are not candidates,
    and for a list of none.
    """

    _state_dict_all_req_keys = ("_recall", "_precision", "_fmeasure", "_num_examples")

    def __init__(
        self,
        multiref: str = "average",
        alpha: float = 0,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
    ) -> None:
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha must be in interval [0, 1] (got : {alpha})")
        if multiref not in ("best", "average"):
            raise ValueError(f"multiref : valid values are ['best', 'average'] (got : {multiref})")
        self._alpha, self._multiref = alpha, multiref
        super().__init__(output_transform, device)

    def reset(self) -> None:
        self._recall = self._precision = self._fmeasure = 0.0
        self._num_examples = 0

    def update(self, output: tuple[Sequence[Tokens], Sequence[Sequence[Tokens]]]) -> None:
        candidates, references = output
        name = type(self).__name__
        check_as_many(candidates, references, name)
        if not all(len(refs) for refs in references):
            raise ValueError(f"{name}: a candidate has no reference; it needs at least one")
        for score in [self._score(hyp, refs) for hyp, refs in zip(candidates, references, strict=True)]:
            precision, recall = score.precision(), score.recall()
            self._precision += precision
            self._recall += recall
            if precision * recall:
                self._fmeasure += precision * recall / ((1 - self._alpha) * precision + self._alpha * recall)
            self._num_examples += 1

    def _score(self, candidate: Tokens, references: Sequence[Tokens]) -> Score:
        scores = [self._compute_score(candidate, reference) for reference in references]
        if self._multiref == "best":
            return max(scores, key=Score.recall)
        return Score(*(sum(column) for column in zip(*scores, strict=True)))

    def compute(self) -> dict[str, float]:
        check_seen(self, self._num_examples)
        sums = {"P": self._precision, "R": self._recall, "F": self._fmeasure}
        return {f"{self._metric_name()}-{key}": value / self._num_examples for key, value in sums.items()}

    @abstractmethod
    def _compute_score(self, candidate: Tokens, reference: Tokens) -> Score:
        """The counts of a candidate and one reference."""

    @abstractmethod
    def _metric_name(self) -> str:
        """The beginning of the keys of the value."""


class RougeN(RougeBase):
    """ROUGE of common n-grams, as {"Rouge-N-P": precision, "Rouge-N-R": recall, "Rouge-N-F": F}. See `RougeBase`.

    >>> rouge = RougeN(ngram=1)
    >>> rouge.update(([["the", "cat"]], [[["the", "cat", "sat", "there"]]]))
    >>> rouge.compute()
    {'Rouge-1-P': 1.0, 'Rouge-1-R': 0.5, 'Rouge-1-F': 0.5}
    """

    def __init__(
        self,
        ngram: int = 4,
        multiref: str = "average",
        alpha: float = 0,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
    ) -> None:
        if ngram < 1:
            raise ValueError(f"ngram order must be greater than zero (got : {ngram})")
        self._ngram = ngram
        super().__init__(multiref, alpha, output_transform, device)

    def _compute_score(self, candidate: Tokens, reference: Tokens) -> Score:
        ours, theirs = ngrams(candidate, self._ngram), ngrams(reference, self._ngram)
        return Score((ours & theirs).total(), ours.total(), theirs.total())

    def _metric_name(self) -> str:
        return f"Rouge-{self._ngram}"


class RougeL(RougeBase):
    """ROUGE of the longest common subsequence, as {"Rouge-L-P": ..., "Rouge-L-R": ..., "Rouge-L-F": ...}.

    See `RougeBase` for arguments and errors.

    >>> rouge = RougeL()
    >>> rouge.update(([["the", "cat"]], [[["the", "big", "cat", "sat"]]]))
    >>> rouge.compute()
    {'Rouge-L-P': 1.0, 'Rouge-L-R': 0.5, 'Rouge-L-F': 0.5}
    """

    def _compute_score(self, candidate: Tokens, reference: Tokens) -> Score:
        return Score(lcs(candidate, reference), len(candidate), len(reference))

    def _metric_name(self) -> str:
        return "Rouge-L"


class Rouge(Metric):
    """Several `RougeN` and `RougeL`, their values in one dict.

    variants: whole numbers for `RougeN`, "L" for `RougeL`; 1, 2, 4 and "L" where there are none; else ValueError. See
    `RougeBase` for the other arguments.

    >>> rouge = Rouge(variants=[1, "L"])
    >>> rouge.update(([["cat", "the"]], [[["the", "cat"]]]))
    >>> rouge.compute()["Rouge-1-F"], rouge.compute()["Rouge-L-F"]
    (1.0, 0.5)
    """

    _state_dict_all_req_keys = ("internal_metrics",)

    def __init__(
        self,
        variants: Sequence[str | int] | None = None,
        multiref: str = "average",
        alpha: float = 0,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
    ) -> None:
        self.internal_metrics: list[Any] = []
        for variant in variants or (1, 2, 4, "L"):
            if variant == "L":
                self.internal_metrics.append(RougeL(multiref, alpha, device=device))
            elif isinstance(variant, int):
                self.internal_metrics.append(RougeN(variant, multiref, alpha, device=device))
            else:
                raise ValueError(f"variant must be 'L' or integer greater to zero (got : {variant!r})")
        super().__init__(output_transform, device)

    def reset(self) -> None:
        for metric in self.internal_metrics:
            metric.reset()

    def update(self, output: tuple[Sequence[Tokens], Sequence[Sequence[Tokens]]]) -> None:
        for metric in self.internal_metrics:
            metric.update(output)

    def compute(self) -> dict[str, float]:
        return {key: value for metric in self.internal_metrics for key, value in metric.compute().items()}
