"""Time as people read it."""

from __future__ import annotations


def to_hours_mins_secs(seconds: float) -> tuple[int, int, float]:
    """Hours, minutes and seconds of a duration in seconds.

    >>> to_hours_mins_secs(3725.5)
    (1, 2, 5.5)
    """
    minutes, secs = divmod(seconds, 60)
    hours, mins = divmod(minutes, 60)
    return int(hours), int(mins), secs


def as_text(seconds: float) -> str:
    """A duration as `hh:mm:ss.mmm`.

    >>> as_text(3725.5)
    '01:02:05.500'
    """
    hours, mins, secs = to_hours_mins_secs(seconds)
    return f"{hours:02d}:{mins:02d}:{secs:06.3f}"
