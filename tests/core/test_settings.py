"""Threads, determinism, precision, default devices, and the switches of backends."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading

import pytest

import sparkle
from sparkle.core import backend, settings
from sparkle.core.kernels import crew


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    for name in ("threads", "limits", "deterministic", "warn_only", "matmul_precision"):
        monkeypatch.setattr(settings._settings, name, getattr(settings._Settings, name))
    yield
    sparkle.set_default_device(None)


def test_set_num_threads_limits_blas_and_the_crew():
    pytest.importorskip("threadpoolctl")
    script = (
        "import numpy, sparkle, threadpoolctl; from sparkle.core.kernels import crew; sparkle.set_num_threads(1); "
        "pools = {pool['num_threads'] for pool in threadpoolctl.threadpool_info()}; "
        "print(sparkle.get_num_threads(), crew._crew().size, pools)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1", "{1}"]


def test_without_threadpoolctl_it_says_what_it_cannot_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with pytest.warns(UserWarning, match="matrix products keep their number of threads"):
        sparkle.set_num_threads(2)
    assert sparkle.get_num_threads() == 2
    assert crew._crew().size == 2


@pytest.mark.parametrize(("n", "error"), [(0, RuntimeError), (-1, RuntimeError), (1.5, TypeError), (True, TypeError)])
def test_numbers_of_threads_are_positive_integers(n, error):
    with pytest.raises(error, match="set_num_threads expects"):
        sparkle.set_num_threads(n)


def test_deterministic_algorithms_refuse_or_warn(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupyx", type("cupyx", (), {"scatter_add": lambda *_: None}))
    backend.scatter_add(sys, None, None, None)
    sparkle.use_deterministic_algorithms(True)
    assert sparkle.are_deterministic_algorithms_enabled()
    with pytest.raises(RuntimeError, match="scatter_add does not have a deterministic implementation"):
        backend.scatter_add(sys, None, None, None)
    sparkle.use_deterministic_algorithms(True, warn_only=True)
    assert sparkle.is_deterministic_algorithms_warn_only_enabled()
    with pytest.warns(UserWarning, match="does not have a deterministic"):
        backend.scatter_add(sys, None, None, None)
    assert sparkle.zeros(2).index_add(0, sparkle.tensor([0, 0]), sparkle.ones(2)).tolist() == [2.0, 0.0]


def test_matmul_precision_takes_three_names():
    for name in ("high", "medium", "highest"):
        sparkle.set_float32_matmul_precision(name)
        assert sparkle.get_float32_matmul_precision() == name
    with pytest.raises(ValueError, match="wanted one of highest, high, medium, met 'low'"):
        sparkle.set_float32_matmul_precision("low")


def test_switches_of_backends_can_be_set():
    cudnn = importlib.import_module("sparkle.backends.cudnn")
    assert sparkle.backends.cudnn is cudnn
    assert (cudnn.benchmark, cudnn.deterministic, cudnn.enabled) == (False, False, True)
    try:
        sparkle.backends.cudnn.benchmark = True
        assert cudnn.benchmark
    finally:
        cudnn.benchmark = False
    assert not sparkle.backends.mps.is_available()
    assert sparkle.backends.cuda.matmul.allow_tf32 is False


def test_a_device_as_context_says_where_tensors_are_made():
    assert sparkle.get_default_device() == sparkle.device("cpu")
    with sparkle.device("cuda"):
        assert sparkle.get_default_device().type == "cuda"
        with sparkle.device("cpu") as inner:
            assert inner.type == "cpu"
            assert sparkle.zeros(2).is_cpu
        if not sparkle.cuda.is_available():
            for make in (lambda: sparkle.zeros(2), lambda: sparkle.tensor([1]), lambda: sparkle.rand(2)):
                with pytest.raises(RuntimeError, match="cuda"):
                    make()
        assert sparkle.zeros(2, device="cpu").is_cpu
    assert sparkle.zeros(2).is_cpu


def test_the_default_device_is_the_threads_own():
    seen = []
    with sparkle.device("cuda"):
        thread = threading.Thread(target=lambda: seen.append(sparkle.get_default_device().type))
        thread.start()
        thread.join()
    assert seen == ["cpu"]
    sparkle.set_default_device("cuda")
    assert sparkle.get_default_device().type == "cuda"
    sparkle.set_default_device(None)
    assert sparkle.get_default_device().type == "cpu"


def test_arrays_stay_where_they_are():
    import numpy as np

    with sparkle.device("cuda"):
        assert sparkle.from_numpy(np.ones(2)).is_cpu
        assert (sparkle.from_numpy(np.ones(2)) + 1).is_cpu


def test_the_debug_mode_says_the_same_in_numbers_and_names():
    for level, name in enumerate(("default", "warn", "error")):
        sparkle.set_deterministic_debug_mode(name)
        assert sparkle.get_deterministic_debug_mode() == level
        sparkle.set_deterministic_debug_mode(level)
        assert sparkle.are_deterministic_algorithms_enabled() == (level > 0)
    with pytest.raises(RuntimeError, match="wanted 0, 1, 2, default, warn or error, met 'loud'"):
        sparkle.set_deterministic_debug_mode("loud")
    assert not sparkle.set_flush_denormal(True)
