"""Linear algebra by its own laws: products of factors, refusals and what they say, lenient forms, large sizes."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

import sparkle
from sparkle import linalg
from sparkle.core.tensor.differentiation.gradcheck import gradcheck, gradgradcheck

SHAPES = [(5, 5), (7, 4), (4, 7), (2, 3, 3), (2, 1, 5, 3), (0, 0), (0, 3), (3, 0), (0, 3, 2), (130, 90), (90, 130)]


def matrix(*shape, seed=0):
    return sparkle.from_numpy(np.asarray(np.random.default_rng(seed).standard_normal(shape)))


def positive(*shape):
    x = matrix(*shape)
    return x @ x.mT + sparkle.eye(shape[-1], dtype=sparkle.float64)


def close(a, b, tolerance=1e-9):
    assert a.shape == b.shape
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=tolerance, atol=tolerance)


def one(x):
    return sparkle.eye(x.shape[-1], dtype=x.dtype).expand(*x.shape[:-2], x.shape[-1], x.shape[-1])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_factors_give_the_matrix_back(shape):
    a = matrix(*shape)
    q, r = linalg.qr(a)
    close(q @ r, a)
    close(q.mT @ q, one(q))
    close(r, r.triu())
    q, r = linalg.qr(a, "complete")
    close(q @ r, a)
    close(q @ q.mT, one(q))
    u, s, vh = linalg.svd(a, full_matrices=False)
    close((u * s[..., None, :]) @ vh, a)
    close(s, s.sort(-1, descending=True).values)
    assert linalg.svd(a).U.shape[-1] == shape[-2]
    p, low, up = linalg.lu(a)
    close(p @ low @ up, a)
    assert bool((low.abs() <= 1).all())  # what partial pivoting is for
    close(linalg.pinv(a) @ a @ linalg.pinv(a), linalg.pinv(a), 1e-7)


@pytest.mark.parametrize("n", [1, 5, 33, 100])
def test_square_factors_and_solutions(n):
    a, b = positive(n, n), matrix(n, 3, seed=1)
    low = linalg.cholesky(a)
    close(low @ low.mT, a)
    w, v = linalg.eigh(a)
    close((v * w) @ v.mT, a)
    for x in (
        linalg.solve(a, b),
        linalg.inv(a) @ b,
        linalg.lu_solve(*linalg.lu_factor(a), b),
        sparkle.cholesky_solve(b, low),
        linalg.solve_triangular(low.mT, linalg.solve_triangular(low, b, upper=False), upper=True),
        linalg.lstsq(a, b).solution,
    ):
        close(a @ x, b, 1e-6)
    close(sparkle.cholesky_inverse(low) @ a, one(a), 1e-6)


def test_exponentials_and_powers():
    a = matrix(4, 4)
    close(linalg.matrix_exp(a) @ linalg.matrix_exp(-a), one(a))
    w, v = linalg.eigh(a + a.mT)
    close(linalg.matrix_exp(a + a.mT), (v * w.exp()) @ v.mT, 1e-8)
    close(linalg.matrix_exp(sparkle.tensor([[0.0, -math.pi], [math.pi, 0.0]], dtype=sparkle.float64)), -one(a[:2, :2]))
    close(linalg.matrix_power(a, 7), a @ a @ a @ a @ a @ a @ a)
    assert linalg.matrix_exp(a * math.inf).isnan().any()


def singular_stack():
    return sparkle.stack([sparkle.eye(3), sparkle.eye(3) - sparkle.eye(3)[1].diag()])


REFUSED = {
    "inv": (lambda: linalg.inv(singular_stack()), "Batch element 1.*diagonal element 2 is zero"),
    "inv_ex": (lambda: linalg.inv_ex(singular_stack(), check_errors=True), "Batch element 1.*singular"),
    "solve": (lambda: linalg.solve(singular_stack(), sparkle.ones(2, 3)), "Batch element 1.*singular"),
    "solve_matrix": (lambda: linalg.solve(sparkle.zeros(2, 2), sparkle.ones(2)), "linalg.solve: The solver failed"),
    "solve_ex": (lambda: linalg.solve_ex(singular_stack(), sparkle.ones(3, 1), check_errors=True), "singular"),
    "cholesky": (lambda: linalg.cholesky(singular_stack()), r"Batch element 1\).*order 2 is not positive-definite"),
    "cholesky_upper": (lambda: sparkle.cholesky(-sparkle.eye(3), upper=True), "order 1 is not positive-definite"),
    "cholesky_nan": (lambda: linalg.cholesky(sparkle.eye(2) * math.nan), "order 1 is not positive-definite"),
    "cholesky_ex": (lambda: linalg.cholesky_ex(singular_stack(), check_errors=True), "order 2"),
    "cholesky_inverse": (lambda: sparkle.cholesky_inverse(sparkle.zeros(2, 2)), "singular"),
    "svd": (lambda: linalg.svd(sparkle.full((2, 3), math.nan)), "non-finite"),
    "svdvals": (lambda: linalg.svdvals(sparkle.stack([sparkle.eye(2), sparkle.eye(2) * math.nan])), "Batch element 1"),
    "pinv": (lambda: linalg.pinv(sparkle.full((2, 3), math.nan)), "failed to converge"),
    "power": (lambda: linalg.matrix_power(sparkle.ones(2, 2), -1), "singular"),
    "tensorinv": (lambda: linalg.tensorinv(sparkle.zeros(2, 2, 4)), "singular"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_linalg_error_says_which_matrix_and_why(name):
    call, text = REFUSED[name]
    with pytest.raises(linalg.LinAlgError, match=text):
        call()


def test_linalg_error_is_a_runtime_error():
    assert issubclass(linalg.LinAlgError, RuntimeError)


def test_lenient_forms_mark_what_failed():
    stack = singular_stack()
    inverse, info = linalg.inv_ex(stack)
    assert info.tolist() == [0, 2]
    assert info.dtype is sparkle.int32
    assert inverse[0].equal(sparkle.eye(3))
    assert inverse[1].isnan().all()
    result, info = linalg.solve_ex(stack, sparkle.ones(3, 2))
    assert info.tolist() == [0, 2]
    assert result[0].equal(sparkle.ones(3, 2))
    assert result[1].isnan().all()
    factor, info = linalg.cholesky_ex(stack)
    assert info.tolist() == [0, 2]
    assert factor[0].equal(sparkle.eye(3))
    assert factor[1].isnan().all()


@pytest.mark.parametrize("name", ["eig", "eigvals"])
def test_complex_results_are_refused_by_name(name):
    with pytest.raises(NotImplementedError, match=r"complex.*linalg\.eig.*h"):
        getattr(linalg, name)(sparkle.eye(2))


@pytest.mark.parametrize("p", ["fro", 1, -1, math.inf, -math.inf])
def test_gradients_of_condition_numbers(p):
    assert gradcheck(lambda x: linalg.cond(x, p), [positive(3, 3).requires_grad_()])


@pytest.mark.parametrize("n", [2, 4])
def test_gradients_of_powers_of_a_vector(n):
    x = matrix(3).requires_grad_()
    assert gradcheck(lambda x: sparkle.vander(x, n), [x])
    assert gradgradcheck(lambda x: sparkle.vander(x, n), [x])


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_gradients_of_determinants_of_any_rank(rank):
    x = (matrix(3, rank) @ matrix(rank, 3, seed=1)).requires_grad_()
    assert gradcheck(linalg.det, [x])
    assert gradgradcheck(linalg.det, [x])


def test_determinant_of_a_repeated_row_has_the_cofactors_for_gradient():
    x = sparkle.tensor([[1.0, 2, 3], [1, 2, 3], [4, 5, 7]], dtype=sparkle.float64, requires_grad=True)
    linalg.det(x).backward()
    close(x.grad, sparkle.tensor([[-1.0, 5, -3], [1, -5, 3], [0, 0, 0]], dtype=sparkle.float64), 1e-12)


def test_inverse_of_a_written_matrix_is_not_differentiated():
    x = sparkle.eye(2).requires_grad_()
    y = linalg.inv(x)
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_nothing_is_warned_of_nan():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert linalg.det(sparkle.eye(2) * math.nan).isnan()
        assert linalg.slogdet(sparkle.eye(2) * math.inf)[1].isnan()


def test_nan_is_differentiated_to_nan():
    x = sparkle.full((2, 2), math.nan, requires_grad=True)
    linalg.det(x).backward()
    assert x.grad.isnan().all()


def test_distances_of_many_rows_agree_with_the_direct_way():
    a, b = matrix(40, 3), matrix(2, 30, 3, seed=1)
    close(sparkle.cdist(a, b), sparkle.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist"))
    x, y = a.clone().requires_grad_(), a.clone().requires_grad_()
    sparkle.cdist(x, b).sum().backward()
    sparkle.cdist(y, b, compute_mode="donot_use_mm_for_euclid_dist").sum().backward()
    close(x.grad, y.grad)


def test_out():
    a, out = positive(3, 3), sparkle.empty(3, 3, dtype=sparkle.float64)
    assert linalg.inv(a, out=out) is out
    close(out, linalg.inv(a))
    q, r = sparkle.empty(0, dtype=sparkle.float64), sparkle.empty(0, dtype=sparkle.float64)
    assert linalg.qr(a, out=(q, r)).Q is q
    close(q @ r, a)


def test_results_are_named():
    assert repr(linalg.slogdet(sparkle.eye(2))).startswith("sparkle.return_types.linalg_slogdet(\nsign=tensor(1.),")
    assert isinstance(sparkle.svd(sparkle.eye(2)), sparkle.return_types.svd)
