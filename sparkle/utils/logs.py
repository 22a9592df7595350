"""Loggers of the standard library, set up in one call."""

from __future__ import annotations

import logging
from typing import TextIO


def setup_logger(
    name: str | None = "sparkle",
    level: int = logging.INFO,
    stream: TextIO | None = None,
    format: str = "%(asctime)s %(name)s %(levelname)s: %(message)s",
    filepath: str | None = None,
    distributed_rank: int | None = None,
    reset: bool = False,
    encoding: str = "utf-8",
) -> logging.Logger:
    """A logger that writes lines of the given format to a stream (stderr) and, with filepath, to a file.

    Called again for the same name it changes level and format and does not double the lines; reset removes what other
    code attached. On ranks other than 0 (distributed_rank) nothing is written.

    >>> import sys
    >>> setup_logger("doc", format="%(levelname)s %(message)s", stream=sys.stdout).info("hello")
    INFO hello
    """
    logger = logging.getLogger(name)
    for handler in list(logger.handlers):
        if reset or getattr(handler, "_by_setup_logger", False):
            logger.removeHandler(handler)
            handler.close()
    logger.propagate = False
    logger.setLevel(level)
    handlers: list[logging.Handler] = []
    if distributed_rank:
        handlers.append(logging.NullHandler())
    else:
        handlers.append(logging.StreamHandler(stream))
        if filepath is not None:
            handlers.append(logging.FileHandler(filepath, encoding=encoding))
    for handler in handlers:
        handler.setLevel(level)
        handler.setFormatter(logging.Formatter(format))
        handler._by_setup_logger = True  # type: ignore[attr-defined]
        logger.addHandler(handler)
    return logger
