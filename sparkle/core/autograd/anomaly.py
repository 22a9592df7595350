"""Where an op that fails in backward, or makes nan there, was run: for `detect_anomaly`."""

from __future__ import annotations

import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

from ..backend import library
from ..dtypes import FLOATS
from .op import Op

PACKAGE = str(Path(__file__).parents[2])


def stack() -> traceback.StackSummary:
    """The calls that lead here."""
    return traceback.StackSummary.extract(traceback.walk_stack(sys._getframe(1)), lookup_lines=False)


def blame(node: Op, error: Exception) -> None:
    """Warn with the stack of the op's forward, and add the line to the error."""
    warnings.warn(f"Error detected in {node.name()}. {_story(node)}", stacklevel=2)
    error.add_note(f"{node.name()} was made {_place(node)}")


def refuse_nan(node: Op, gradients: Any) -> None:
    """RuntimeError where a gradient that the node computed has nan in it."""
    for i, g in enumerate(gradients):
        array = getattr(g, "array", g)
        if array is not None and array.dtype.kind in FLOATS and library(array).isnan(array).any():
            warnings.warn(f"Error detected in {node.name()}. {_story(node)}", stacklevel=2)
            raise RuntimeError(
                f"Function '{node.name()}' returned nan values in its {i}th output; its forward ran {_place(node)}"
            )


def _story(node: Op) -> str:
    if node.trace is None:
        return "No forward pass information is available. Enable detect_anomaly during the forward pass too."
    calls = "".join(traceback.StackSummary.from_list(reversed(_outside(node.trace))).format())
    return f"Traceback of forward call that caused the error:\n{calls}"


def _place(node: Op) -> str:
    """File, line and text of the innermost call outside of this package."""
    if node.trace is None:
        return "while anomalies were not being looked for"
    call = _outside(node.trace)[0]
    return f"at {call.filename}:{call.lineno}: {call.line}"


def _outside(calls: traceback.StackSummary) -> list[traceback.FrameSummary]:
    """The calls, innermost first, from the user's line on."""
    for i, call in enumerate(calls):
        if not call.filename.startswith(PACKAGE):
            return list(calls[i:])
    return list(calls)
