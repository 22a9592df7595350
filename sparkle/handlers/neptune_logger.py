"""Neptune: what to use in its place."""

from __future__ import annotations

from typing import Any

from ._elsewhere import Elsewhere


class NeptuneLogger(Elsewhere):
    """Cannot be made: NotImplementedError names what to use in its place."""

    _instead = "use WandBLogger, MLflowLogger or TensorboardLogger"


class NeptuneSaver:
    """Cannot be made: NotImplementedError names what to use in its place."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("NeptuneSaver is not there: save with Checkpoint and DiskSaver, and upload the files")
