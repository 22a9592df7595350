"""The reverse-mode machinery, on arrays: the op contract and the walk."""

from .op import CONSTANT, DERIVED, RESULT, Op, Pick, Version, run, sum_to
from .walk import World, walk

__all__ = ["CONSTANT", "DERIVED", "RESULT", "Op", "Pick", "Version", "World", "run", "sum_to", "walk"]
