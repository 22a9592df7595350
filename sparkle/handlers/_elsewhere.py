"""Loggers of Ignite that have no counterpart here: what to use in their place."""

from __future__ import annotations

from typing import Any, NoReturn

from .base_logger import BaseLogger


class Elsewhere(BaseLogger):
    """A logger that cannot be made; NotImplementedError says what to use in its place."""

    _instead = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(
            f"{type(self).__name__} is not there: {self._instead}; or derive a logger of your own from "
            "sparkle.handlers.RecordLogger, which takes one method"
        )

    def _create_output_handler(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(self._instead)

    def _create_opt_params_handler(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(self._instead)
