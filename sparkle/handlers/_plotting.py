"""matplotlib, for those who ask for pictures."""

from __future__ import annotations

from typing import Any


def pyplot(where: str) -> Any:
    """Return matplotlib.pyplot; ModuleNotFoundError, with what to install, where it is missing."""
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise ModuleNotFoundError(
            f"{where}: pictures need matplotlib: pip install matplotlib, or the extra: pip install sparkle-engine[plot]"
        ) from error
    return plt
