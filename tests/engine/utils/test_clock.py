"""Durations as people read them."""

from __future__ import annotations

import pytest

from sparkle.engine.utils.clock import as_text, to_hours_mins_secs


@pytest.mark.parametrize(
    ("seconds", "parts", "text"),
    [
        (0, (0, 0, 0), "00:00:00.000"),
        (59.9994, (0, 0, 59.9994), "00:00:59.999"),
        (61.5, (0, 1, 1.5), "00:01:01.500"),
        (3599, (0, 59, 59), "00:59:59.000"),
        (90000.25, (25, 0, 0.25), "25:00:00.250"),
    ],
)
def test_parts_and_text(seconds: float, parts: tuple[int, int, float], text: str) -> None:
    assert to_hours_mins_secs(seconds) == pytest.approx(parts)
    assert as_text(seconds) == text
