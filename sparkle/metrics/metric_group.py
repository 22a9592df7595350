"""Several metrics as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .metric import Metric, same
from .sharing import sharing


class MetricGroup(Metric):
    """Metrics that are attached, updated and computed together; the value is a dict from their names to their values.

    output_transform makes what each metric is given of the engine's output; then each one's own is applied. A mapping
    is given to all as it is, and each takes the keys that it requires. What several of them compute from the same
    tensors is computed once.

    >>> import sparkle
    >>> from sparkle.metrics import Accuracy, Precision
    >>> group = MetricGroup({"accuracy": Accuracy(), "precision": Precision(average="macro")})
    >>> group.update((sparkle.tensor([[0.9, 0.1], [0.8, 0.2]]), sparkle.tensor([0, 1])))
    >>> group.compute()
    {'accuracy': 0.5, 'precision': 0.25}
    """

    _state_dict_all_req_keys = ("metrics",)

    def __init__(
        self,
        metrics: dict[str, Metric],
        output_transform: Callable[[Any], Any] = same,
        skip_unrolling: bool = False,
    ) -> None:
        self.metrics = metrics
        super().__init__(output_transform, skip_unrolling=skip_unrolling)

    def reset(self) -> None:
        for metric in self.metrics.values():
            metric.reset()

    def update(self, output: Any) -> None:
        outer, sharing.scope = sharing.scope, sharing.scope or object()
        try:
            for metric in self.metrics.values():
                given = metric._output_transform(output)
                metric.update(metric._from_mapping(given) if isinstance(given, Mapping) else given)
        finally:
            sharing.scope = outer

    def _from_mapping(self, output: Mapping[str, Any]) -> Any:
        return output

    def compute(self) -> dict[str, Any]:
        return {name: metric.compute() for name, metric in self.metrics.items()}
