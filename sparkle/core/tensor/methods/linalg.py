"""Products of vectors and matrices as methods."""

from __future__ import annotations

from ..functions import linalg
from ..write import in_place


class LinalgMethods:
    """Products of vectors and matrices as methods."""

    matmul = linalg.matmul
    mm = linalg.mm
    bmm = linalg.bmm
    mv = linalg.mv
    dot = linalg.dot
    vdot = linalg.vdot
    inner = linalg.inner
    outer = linalg.outer
    ger = linalg.ger
    addmm = linalg.addmm
    addmv = linalg.addmv
    addr = linalg.addr
    addbmm = linalg.addbmm
    baddbmm = linalg.baddbmm
    kron = linalg.kron
    trace = linalg.trace
    cross = linalg.cross

    addmm_ = in_place(linalg.addmm)
    addmv_ = in_place(linalg.addmv)
    addr_ = in_place(linalg.addr)
    addbmm_ = in_place(linalg.addbmm)
    baddbmm_ = in_place(linalg.baddbmm)
