"""Indexing and assignment."""

from __future__ import annotations



class IndexingMethods:
    """Indexing and assignment."""

