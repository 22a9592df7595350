"""Tensors in nested tuples, lists and dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """What is in a nesting of tuples, lists and dicts, from left to right."""
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    if isinstance(tree, (tuple, list)):
        return [leaf for value in tree for leaf in leaves(value)]
    return [tree]


def mapped(f: Callable[[Any], Any], tree: Any) -> Any:
    """The same nesting with f of everything in it."""
    if isinstance(tree, dict):
        return type(tree)((key, mapped(f, value)) for key, value in tree.items())
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(mapped(f, value) for value in tree))
    if isinstance(tree, (tuple, list)):
        return type(tree)(mapped(f, value) for value in tree)
    return f(tree)


def rebuilt(tree: Any, values: list[Any]) -> Any:
    """The same nesting with these in it, from left to right."""
    following = iter(values)
    return mapped(lambda _: next(following), tree)
