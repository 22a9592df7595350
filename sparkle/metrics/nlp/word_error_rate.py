"""The rate of wrong words."""

from __future__ import annotations

from .character_error_rate import EditErrorRate

__all__ = ["WER", "WordErrorRate"]


class WordErrorRate(EditErrorRate):
    """Inserted, deleted and replaced words / words of the true texts; words are parted by white space.

    Also under the name WER. See `EditErrorRate` for the outputs and errors.

    >>> rate = WordErrorRate()
    >>> rate.update(("the cat sat", "a cat sat there"))
    >>> rate.compute()
    0.5
    """

    def _units(self, text: str) -> list[str]:
        return text.split()


WER = WordErrorRate
