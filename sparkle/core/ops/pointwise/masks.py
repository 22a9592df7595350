"""Choosing between numbers by a mask, fast.

NumPy's `where` asks about one element at a time, which costs 3.5 ns each where the mask is random (512 000 elements
1.8 ms); as bits, a whole vector at a time, it costs 0.25 ns. Small arrays go through `where`, which starts faster.
"""

from __future__ import annotations

LARGE = 1024


def kept(xp, g, keep):
    """g where keep, 0 elsewhere: also where g is nan or infinite, which a product with the mask would let through."""
    if xp.__name__ != "numpy" or keep.size < LARGE:
        return xp.where(keep, g, 0.0)
    bits = g.view(f"i{g.itemsize}")
    return (bits & -keep.astype(bits.dtype)).view(g.dtype)


def blend(xp, keep, a, b):
    """a where keep, b elsewhere, for arrays of one type."""
    if xp.__name__ != "numpy" or keep.size < LARGE or a.dtype != b.dtype:
        return xp.where(keep, a, b)
    width = f"i{a.itemsize}"
    a_bits, b_bits = a.view(width), b.view(width)
    return (b_bits ^ ((a_bits ^ b_bits) & -keep.astype(width))).view(a.dtype)
