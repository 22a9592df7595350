"""A line search for the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple


class Trial(NamedTuple):
    """A point on the line: the step to it, and there the loss, its gradient, and its slope along the line."""

    step: float
    loss: float
    gradient: Any
    slope: float


class Wolfe(NamedTuple):
    """The conditions: the loss falls enough from the start's, and the slope has become flat enough."""

    start: Trial
    fall: float = 1e-4
    flat: float = 0.9

    def too_high(self, trial: Trial) -> bool:
        return trial.loss > self.start.loss + self.fall * trial.step * self.start.slope

    def is_flat(self, trial: Trial) -> bool:
        return abs(trial.slope) <= -self.flat * self.start.slope


def strong_wolfe(
    evaluate: Callable[[float], Trial], start: Trial, step: float, reach: float, tolerance: float = 1e-9, most: int = 25
) -> tuple[Trial, int]:
    """A point where the strong Wolfe conditions hold, or the best that was met, and how many were evaluated.

    Bracketing and zooming with cubic interpolation (Nocedal & Wright, Numerical Optimization, section 3.5). reach: the
    largest change of a parameter for a step of 1; the search ends where a bracket is smaller than the tolerance in it.
    """
    wolfe = Wolfe(start)
    bracket, tries = _bracket(evaluate, wolfe, step, most)
    if len(bracket) == 2 and tries < most:
        best, tries = _zoom(evaluate, wolfe, bracket, tries, reach, tolerance, most)
    else:
        best = min(bracket, key=lambda trial: trial.loss)
    return best, tries + 1


def _bracket(evaluate: Callable[[float], Trial], wolfe: Wolfe, step: float, most: int) -> tuple[list[Trial], int]:
    """Two points with a good one between them, or one that is good; and how many there were beside the first."""
    before, trial, tries = wolfe.start, evaluate(step), 0
    while tries < most:
        if wolfe.too_high(trial) or (tries > 1 and trial.loss >= before.loss):
            return [before, trial], tries
        if wolfe.is_flat(trial):
            return [trial], tries
        if trial.slope >= 0:
            return [before, trial], tries
        bounds = trial.step + 0.01 * (trial.step - before.step), trial.step * 10
        before, trial = trial, evaluate(_cubic_minimum(before, trial, bounds))
        tries += 1
    return [wolfe.start, trial], tries


def _zoom(
    evaluate: Callable[[float], Trial],
    wolfe: Wolfe,
    bracket: list[Trial],
    tries: int,
    reach: float,
    tolerance: float,
    most: int,
) -> tuple[Trial, int]:
    """Narrow the bracket down until a point is good."""
    low = _lower(bracket)
    stuck = False
    while tries < most and abs(bracket[1].step - bracket[0].step) * reach >= tolerance:
        step, stuck = _inside(bracket, stuck)
        trial = evaluate(step)
        tries += 1
        if wolfe.too_high(trial) or trial.loss >= bracket[low].loss:
            bracket[1 - low] = trial
            low = _lower(bracket)
            continue
        if wolfe.is_flat(trial):
            return trial, tries
        if trial.slope * (bracket[1 - low].step - bracket[low].step) >= 0:
            bracket[1 - low] = bracket[low]
        bracket[low] = trial
    return bracket[low], tries


def _lower(bracket: list[Trial]) -> int:
    return 0 if bracket[0].loss <= bracket[1].loss else 1


def _inside(bracket: list[Trial], stuck: bool) -> tuple[float, bool]:
    """The next step, and whether it was near an end: the second such in a row is moved away by a tenth."""
    left, right = sorted(trial.step for trial in bracket)
    step = _cubic_minimum(bracket[0], bracket[1], (left, right))
    margin = 0.1 * (right - left)
    if min(right - step, step - left) >= margin:
        return step, False
    if stuck or step >= right or step <= left:
        return (right - margin if abs(step - right) < abs(step - left) else left + margin), False
    return step, True


def _cubic_minimum(a: Trial, b: Trial, bounds: tuple[float, float]) -> float:
    """Where the cubic through both points with their slopes is least, within the bounds; their middle without one."""
    if a.step > b.step:
        a, b = b, a
    mean = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.step - b.step) if a.step != b.step else math.nan
    square = mean * mean - a.slope * b.slope
    if square >= 0.0:
        root = math.sqrt(square)
        width = b.slope - a.slope + 2.0 * root
        if width != 0.0:
            step = b.step - (b.step - a.step) * ((b.slope + root - mean) / width)
            return min(max(step, bounds[0]), bounds[1])
    return (bounds[0] + bounds[1]) / 2.0
