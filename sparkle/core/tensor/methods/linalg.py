"""Linear algebra as methods."""

from __future__ import annotations

from ..autocast import uncast
from ..functions.linear import decompositions, linalg, matrix_functions, older_linalg
from ..functions.reductions import covariance
from ..write import in_place


class LinalgMethods:
    """Products of vectors and matrices, decompositions, systems of equations."""

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

    # Autocast does not reach in-place forms.
    addmm_ = in_place(uncast(linalg.addmm))
    addmv_ = in_place(linalg.addmv)
    addr_ = in_place(linalg.addr)
    addbmm_ = in_place(uncast(linalg.addbmm))
    baddbmm_ = in_place(uncast(linalg.baddbmm))

    cholesky = older_linalg.cholesky
    cholesky_inverse = decompositions.cholesky_inverse
    cholesky_solve = decompositions.cholesky_solve
    det = older_linalg.det
    logdet = matrix_functions.logdet
    slogdet = older_linalg.slogdet
    inverse = older_linalg.inverse
    pinverse = older_linalg.pinverse
    qr = older_linalg.qr
    svd = older_linalg.svd
    lu = older_linalg.lu
    lu_solve = older_linalg.lu_solve
    triangular_solve = older_linalg.triangular_solve
    matrix_exp = older_linalg.matrix_exp
    matrix_power = older_linalg.matrix_power
    cov = covariance.cov
    corrcoef = covariance.corrcoef
