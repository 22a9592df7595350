"""Values on lines between milestones, in an optimizer."""

from __future__ import annotations

from typing import Any

from .._milestones import interpolate, split
from .base import ParamScheduler


class PiecewiseLinear(ParamScheduler):
    """Values on straight lines between milestones, constant before the first and after the last.

    Args:
        milestones_values: pairs (event index, value), the indices not decreasing. Two of one index are a jump.
        optimizer, param_name, save_history, param_group_index: as in ParamScheduler.

    Raises:
        TypeError: no sequence; a milestone that is no integer.
        ValueError: no pair; something that is no pair; milestones that decrease.

    >>> PiecewiseLinear.simulate_values(5, param_name="lr", milestones_values=[(1, 1.0), (3, 0.0)])
    [[0, 1.0], [1, 1.0], [2, 0.5], [3, 0.0], [4, 0.0]]
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        milestones_values: list[tuple[int, float]],
        save_history: bool = False,
        param_group_index: int | None = None,
    ) -> None:
        super().__init__(optimizer, param_name, save_history, param_group_index=param_group_index)
        self.milestones, self.values = split(milestones_values)
        self._state_attrs += ["values", "milestones"]

    def get_param(self) -> float:
        """Return the value at `event_index`."""
        return interpolate(self.milestones, self.values, self.event_index)
