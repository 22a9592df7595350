"""Values that go round: there and back, or there and start again."""

from __future__ import annotations

import math
from typing import Any

from ...engine import Engine
from .base import ParamScheduler


class CyclicalScheduler(ParamScheduler):
    """Base of values that repeat in cycles (Smith, 2015). A subclass gives `get_param` for one cycle.

    Args:
        optimizer, param_name, save_history, param_group_index: as in ParamScheduler.
        start_value: value at the start of a cycle.
        end_value: value in the middle of a cycle, or at its end, as the subclass says.
        cycle_size: events in a cycle, at least 2.
        cycle_mult: the next cycle is as many times as long (rounded down; never shorter than one event).
        start_value_mult, end_value_mult: factors of the two values from one cycle to the next.
        warmup_duration: events between two cycles, on a line from the end value to the next start value.

    `event_index` counts within the cycle and `cycle` counts the cycles; they and the values above are of the next
    event.

    Raises:
        ValueError: cycle_size < 2.
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        start_value: float,
        end_value: float,
        cycle_size: int,
        cycle_mult: float = 1.0,
        start_value_mult: float = 1.0,
        end_value_mult: float = 1.0,
        warmup_duration: int = 0,
        save_history: bool = False,
        param_group_index: int | None = None,
    ) -> None:
        super().__init__(optimizer, param_name, save_history=save_history, param_group_index=param_group_index)
        if cycle_size < 2:
            raise ValueError(f"Argument cycle_size should be positive and larger than 1, but given {cycle_size}")
        self.start_value = start_value
        self.end_value = end_value
        self.cycle_size = cycle_size
        self.cycle_mult = cycle_mult
        self.cycle = 0
        self.start_value_mult = start_value_mult
        self.end_value_mult = end_value_mult
        self.warmup_duration = warmup_duration
        self.total_cycle_size = self.warmup_duration + self.cycle_size
        self._state_attrs += [
            *("start_value", "end_value", "cycle_size", "cycle_mult", "cycle"),
            *("start_value_mult", "end_value_mult", "warmup_duration", "total_cycle_size"),
        ]

    def __call__(self, engine: Engine | None, name: str | None = None) -> None:
        """Set the next value, and go on to the event after it: perhaps that of another cycle."""
        super().__call__(engine, name)
        if self.event_index == self.cycle_size:
            self.start_value *= self.start_value_mult  # where the warm-up leads to
        if self.event_index == self.total_cycle_size:
            self._start_cycle()

    def _start_cycle(self) -> None:
        self.event_index = 0
        self.cycle += 1
        self.cycle_size = max(1, int(self.cycle_size * self.cycle_mult))
        self.warmup_duration = int(self.warmup_duration * self.cycle_mult)
        self.total_cycle_size = self.warmup_duration + self.cycle_size
        self.end_value *= self.end_value_mult

    def _get_param(self) -> Any:
        if self.event_index <= self.cycle_size:
            return self.get_param()
        progress = (self.event_index - self.cycle_size) / self.warmup_duration
        return self.end_value + (self.start_value - self.end_value) * progress


class LinearCyclicalScheduler(CyclicalScheduler):
    """From the start value straight to the end value in half a cycle, and straight back in the other half.

    Args:
        monotonic: use the whole cycle for the way there, and begin the next at the start value.

    The others are those of CyclicalScheduler.

    Raises:
        ValueError: cycle_size < 2; a warm-up without monotonic=True (the cycle ends at the start value already).

    >>> LinearCyclicalScheduler.simulate_values(5, param_name="lr", start_value=1.0, end_value=0.0, cycle_size=4)
    [[0, 1.0], [1, 0.5], [2, 0.0], [3, 0.5], [4, 1.0]]
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        start_value: float,
        end_value: float,
        cycle_size: int,
        cycle_mult: float = 1.0,
        start_value_mult: float = 1.0,
        end_value_mult: float = 1.0,
        warmup_duration: int = 0,
        save_history: bool = False,
        param_group_index: int | None = None,
        *,
        monotonic: bool = False,
    ) -> None:
        super().__init__(
            optimizer,
            param_name,
            start_value,
            end_value,
            cycle_size,
            cycle_mult,
            start_value_mult,
            end_value_mult,
            warmup_duration,
            save_history,
            param_group_index,
        )
        self.monotonic = monotonic
        if warmup_duration > 0 and not monotonic:
            raise ValueError(
                f"Invalid combination: warmup_duration={warmup_duration} and monotonic=False, please use either "
                "warmup_duration=0 or monotonic=True"
            )

    def get_param(self) -> float:
        """Return the value at `event_index` events into a cycle."""
        progress = self.event_index / self.cycle_size
        if self.monotonic:
            return self.start_value + (self.end_value - self.start_value) * progress
        return self.end_value + (self.start_value - self.end_value) * abs(progress - 0.5) * 2


class CosineAnnealingScheduler(CyclicalScheduler):
    """From the start value to the end value along half a cosine, then again (SGDR: Loshchilov & Hutter, 2016).

    The arguments are those of CyclicalScheduler.

    >>> options = {"param_name": "lr", "start_value": 1.0, "end_value": 0.0, "cycle_size": 4}
    >>> [round(value, 3) for _, value in CosineAnnealingScheduler.simulate_values(5, **options)]
    [1.0, 0.854, 0.5, 0.146, 1.0]
    """

    def get_param(self) -> float:
        """Return the value at `event_index` events into a cycle."""
        progress = self.event_index / self.cycle_size
        return self.start_value + (self.end_value - self.start_value) / 2 * (1 - math.cos(math.pi * progress))
