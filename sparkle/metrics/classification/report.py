"""Reports of precision, recall and F-score by class."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...core.backend import to_numpy
from ...core.tensor.base import TensorBase
from ..metric import MetricsLambda, same
from .counts import ClassCounts
from .fbeta import fbeta
from .precision_recall import Precision, Recall

AVERAGES = ("accuracy", "micro avg", "macro avg", "weighted avg", "samples avg")


def ClassificationReport(
    beta: float = 1,
    output_dict: bool = False,
    output_transform: Callable[[Any], Any] = same,
    device: Any = None,
    is_multilabel: bool = False,
    labels: Sequence[str] | None = None,
    metrics_result_mode: str = "both",
) -> MetricsLambda:
    """Precision, recall and F-score of each class, and their means over classes ("macro avg"), as dict or as JSON.

    output_dict: a dict rather than a text in JSON. labels: names of the classes, else "0", "1", ... Binary data is one
    class, 1. metrics_result_mode: see `Metric`. `PerClassReport` has supports and averages as well, and a text table.

    >>> import sparkle
    >>> report = ClassificationReport(output_dict=True, labels=["cat", "dog"])
    >>> report.update((sparkle.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]), sparkle.tensor([0, 1, 1])))
    >>> report.compute()["cat"]
    {'precision': 0.5, 'recall': 1.0, 'f1-score': 0.6666666666666662}
    """
    options: dict[str, Any] = {"is_multilabel": is_multilabel, "device": device}
    parts = [kind(output_transform, average=False, **options) for kind in (Precision, Recall)]

    def report(precision: Any, recall: Any) -> Any:
        scores = {"precision": precision, "recall": recall, f"f{beta}-score": fbeta(precision, recall, beta)}
        columns = {name: to_numpy(x.array) if isinstance(x, TensorBase) else x for name, x in scores.items()}
        binary = not isinstance(precision, TensorBase)
        names = (labels or ["0", "1"])[1:2] if binary else labels or [str(i) for i in range(len(columns["recall"]))]
        rows = {name: {key: float(x if binary else x[i]) for key, x in columns.items()} for i, name in enumerate(names)}
        rows["macro avg"] = {key: float(x if binary else x.mean()) for key, x in columns.items()}
        return rows if output_dict else json.dumps(rows)

    return MetricsLambda(report, *parts, metrics_result_mode=metrics_result_mode)


class PerClassReport(ClassCounts):
    """Precision, recall, F-score and support of each class, and their averages, as a dict or as a text table.

    The rows are the classes; for binary and multiclass data "accuracy", for multilabel data "micro avg" and "samples
    avg"; "macro avg", the mean over classes; and "weighted avg", the mean weighted by supports. A support is how often
    a class is true. A ratio 0 / 0 is 0. These are the rows and numbers of scikit-learn's classification_report.

    beta: how much more recall counts than precision in the F-score. labels: names of the classes. digits: of the
    table. as_table: `compute` gives the table, `table()`, rather than the dict. Output and errors are those of
    `ClassificationMetric`; ValueError for another number of labels than of classes.

    >>> import sparkle
    >>> report = PerClassReport(labels=["cat", "dog"])
    >>> report.update((sparkle.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]), sparkle.tensor([0, 1, 1])))
    >>> report.compute()["dog"]
    {'precision': 1.0, 'recall': 0.5, 'f1-score': 0.6666666666666666, 'support': 2}
    >>> print(report.table())
                  precision    recall  f1-score   support
    <BLANKLINE>
             cat       0.50      1.00      0.67         1
             dog       1.00      0.50      0.67         2
    <BLANKLINE>
        accuracy                           0.67         3
       macro avg       0.75      0.75      0.67         3
    weighted avg       0.83      0.67      0.67         3
    """

    def __init__(
        self,
        beta: float = 1,
        labels: Sequence[str] | None = None,
        digits: int = 2,
        as_table: bool = False,
        output_transform: Callable[[Any], Any] = same,
        is_multilabel: bool = False,
        device: Any = None,
        skip_unrolling: bool = False,
        metrics_result_mode: str = "named",
    ) -> None:
        if not beta > 0:
            raise ValueError(f"Beta should be a positive number, but given {beta}")
        self._beta, self._digits, self._as_table = beta, digits, as_table
        self._labels = None if labels is None else tuple(labels)
        if len({*(labels or ()), *AVERAGES}) != len(labels or ()) + len(AVERAGES):
            raise ValueError(f"PerClassReport: labels should differ, and be none of {AVERAGES}, got {self._labels}")
        super().__init__(output_transform, is_multilabel, device, skip_unrolling, metrics_result_mode)

    def compute(self) -> Any:
        return self.table() if self._as_table else self._rows()

    def _rows(self) -> dict[str, Any]:
        hits, predicted, true = (to_numpy(array).astype("float64") for array in self._all_counts())
        names = self._labels or [str(i) for i in range(len(hits))]
        if len(names) != len(hits):
            raise ValueError(f"PerClassReport: {len(names)} labels {names} for {len(hits)} classes")
        columns = self._scores(hits, predicted, true)
        rows: dict[str, Any] = {name: self._row([x[i] for x in columns], true[i]) for i, name in enumerate(names)}
        total, micro = true.sum(), self._scores(hits.sum(), predicted.sum(), true.sum())
        if self._is_multilabel:
            rows["micro avg"] = self._row(micro, total)
        else:
            rows["accuracy"] = float(micro[1])
        rows["macro avg"] = self._row([x.mean() for x in columns], total)
        rows["weighted avg"] = self._row([_ratio((x * true).sum(), total) for x in columns], total)
        if self._is_multilabel:
            rows["samples avg"] = self._row(self._sample_means(), total)
        return rows

    def _scores(self, hits: Any, predicted: Any, true: Any) -> tuple[Any, Any, Any]:
        square = self._beta**2
        f = _ratio((1 + square) * hits, square * true + predicted)
        return _ratio(hits, predicted), _ratio(hits, true), f

    def _row(self, scores: Iterable[Any], support: Any) -> dict[str, Any]:
        names = ("precision", "recall", f"f{self._beta}-score")
        return {**{name: float(score) for name, score in zip(names, scores, strict=True)}, "support": int(support)}

    def table(self) -> str:
        """The report as text, a line for each row."""
        rows = self._rows()
        heads = ["precision", "recall", f"f{self._beta}-score", "support"]
        width = max(self._digits, *(len(name) for name in rows))
        classes = len(self._true)
        lines = [" " * width + " " + "".join(f" {head:>9}" for head in heads), ""]
        for i, (name, row) in enumerate(rows.items()):
            if i == classes:
                lines.append("")
            lines.append(f"{name:>{width}} " + self._cells(row, rows["macro avg"]["support"]))
        return "\n".join(lines)

    def _cells(self, row: Any, total: int) -> str:
        if isinstance(row, float):  # accuracy stands in the column of the F-score
            return f" {'':9} {'':9} {row:>9.{self._digits}f} {total:>9}"
        return "".join(
            f" {value:>9}" if name == "support" else f" {value:>9.{self._digits}f}" for name, value in row.items()
        )


def _ratio(a: Any, b: Any) -> Any:
    """a / b, and 0 where b is 0."""
    return a / (b + (b == 0))
