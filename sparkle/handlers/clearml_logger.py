"""ClearML: what to use in its place."""

from __future__ import annotations

from typing import Any

from ._elsewhere import Elsewhere


class ClearMLLogger(Elsewhere):
    """Cannot be made: NotImplementedError names what to use in its place."""

    _instead = (
        "ClearML takes over what TensorboardLogger writes: call clearml.Task.init() first and use TensorboardLogger"
    )


class ClearMLSaver:
    """Cannot be made: NotImplementedError names what to use in its place."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("ClearMLSaver is not there: save with Checkpoint and DiskSaver, and upload the files")
