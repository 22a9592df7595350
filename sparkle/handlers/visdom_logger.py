"""Visdom: what to use in its place."""

from __future__ import annotations

from ._elsewhere import Elsewhere


class VisdomLogger(Elsewhere):
    """Cannot be made: NotImplementedError names what to use in its place."""

    _instead = "visdom is no longer maintained; use TensorboardLogger, or sparkle.utils.plots for pictures"
