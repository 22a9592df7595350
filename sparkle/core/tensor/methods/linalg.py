"""Products and factorisations as methods."""

from __future__ import annotations

from ..functions import linalg


class LinalgMethods:
    """Products and factorisations as methods."""

    matmul = linalg.matmul
