"""Fourier transforms of pairs against sums written out, their laws, and what is refused."""

import numpy as np
import pytest

import sparkle

RANDOM = np.random.default_rng(0)


def pairs_of(z):
    return sparkle.from_numpy(np.stack([z.real, z.imag], -1))


def complex_of(pairs):
    return pairs.numpy()[..., 0] + 1j * pairs.numpy()[..., 1]


def matrix(n, sign):
    k = np.arange(n)
    return np.exp(sign * 2j * np.pi * np.outer(k, k) / n)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
@pytest.mark.parametrize(
    ("norm", "forward", "inverse"),
    [
        ("backward", lambda n: 1, lambda n: 1 / n),
        ("forward", lambda n: 1 / n, lambda n: 1),
        ("ortho", lambda n: n**-0.5, lambda n: n**-0.5),
    ],
)
def test_transforms_equal_the_sums_that_define_them(n, norm, forward, inverse):
    z = RANDOM.standard_normal((3, n)) + 1j * RANDOM.standard_normal((3, n))
    spectrum = z @ matrix(n, -1) * forward(n)
    np.testing.assert_allclose(complex_of(sparkle.fft.fft(pairs_of(z), norm=norm)), spectrum, atol=1e-12)
    signal = z @ matrix(n, 1) * inverse(n)
    np.testing.assert_allclose(complex_of(sparkle.fft.ifft(pairs_of(z), norm=norm)), signal, atol=1e-12)
    real = z.real @ matrix(n, -1) * forward(n)
    half = sparkle.fft.rfft(sparkle.from_numpy(z.real), norm=norm)
    np.testing.assert_allclose(complex_of(half), real[:, : n // 2 + 1], atol=1e-12)
    np.testing.assert_allclose(sparkle.fft.irfft(half, n, norm=norm).numpy(), z.real, atol=1e-12)


@pytest.mark.parametrize(
    ("there", "back", "real"),
    [
        *[("fft", "ifft", 0), ("fft2", "ifft2", 0), ("fftn", "ifftn", 0)],
        *[("rfft", "irfft", 1), ("rfft2", "irfft2", 1), ("rfftn", "irfftn", 1), ("ihfft", "hfft", 1)],
    ],
)
def test_there_and_back(there, back, real):
    x = sparkle.from_numpy(RANDOM.standard_normal((3, 4, 6) if real else (3, 4, 6, 2)))
    again = getattr(sparkle.fft, back)(getattr(sparkle.fft, there)(x))
    np.testing.assert_allclose(again.numpy(), x.numpy(), atol=1e-12)


def test_energy_is_kept():
    x = sparkle.from_numpy(RANDOM.standard_normal((5, 7, 2)))
    assert sparkle.allclose((sparkle.fft.fftn(x, norm="ortho") ** 2).sum(), (x**2).sum())


def test_no_signals_give_no_spectra():
    assert sparkle.fft.rfft(sparkle.zeros(0, 4)).shape == (0, 3, 2)
    assert sparkle.fft.ifft2(sparkle.zeros(0, 4, 3, 2)).shape == (0, 4, 3, 2)


@pytest.mark.parametrize("name", ["fft", "ifft", "fft2", "ifftn", "irfft", "irfft2", "irfftn", "hfft"])
def test_real_tensors_are_pointed_to_rfft(name):
    with pytest.raises(RuntimeError, match=rf"{name}: wanted pairs.*\(4, 3\).*rfft"):
        getattr(sparkle.fft, name)(sparkle.ones(4, 3))


def test_shifts_leave_pairs_together():
    x = sparkle.arange(12.0).reshape(3, 2, 2)
    assert sparkle.equal(sparkle.fft.fftshift(x, pairs=True), x.roll((1, 1), (0, 1)))
    assert sparkle.equal(sparkle.fft.ifftshift(x, -2, pairs=True), x.roll(2, 0))
    with pytest.raises(RuntimeError, match="last dim of 2"):
        sparkle.fft.fftshift(sparkle.ones(3), pairs=True)


def test_stft_is_a_spectrum_of_frames():
    x, w = sparkle.from_numpy(RANDOM.standard_normal(20)), sparkle.hann_window(8, dtype=sparkle.float64)
    y = sparkle.stft(x, 8, 3, window=w, center=False)
    for t in range(5):
        assert sparkle.allclose(y[:, t], sparkle.fft.rfft(x[3 * t : 3 * t + 8] * w))


@pytest.mark.parametrize(
    "call",
    [
        lambda x: sparkle.stft(x, 8, return_complex=True),
        lambda x: sparkle.istft(x, 8, return_complex=True),
        lambda x: sparkle.view_as_complex(x),
        lambda x: sparkle.complex(x, x),
        lambda x: sparkle.polar(x, x),
    ],
)
def test_what_would_be_complex_is_refused(call):
    with pytest.raises(NotImplementedError, match="complex"):
        call(sparkle.ones(20))


def test_gradient_wants_as_many_places_as_samples():
    with pytest.raises(RuntimeError, match=r"shape \(3,\), dim 0 has 4 samples"):
        sparkle.gradient(sparkle.ones(4), spacing=[sparkle.arange(3.0)])
