"""Polyaxon: what to use in its place."""

from __future__ import annotations

from ._elsewhere import Elsewhere


class PolyaxonLogger(Elsewhere):
    """Cannot be made: NotImplementedError names what to use in its place."""

    _instead = "Polyaxon shows what TensorboardLogger writes to the run's outputs: use TensorboardLogger"
