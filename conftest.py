"""What every test relies on: one BLAS thread in parallel workers, a fixed seed, and when cuda and parity tests run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Several test workers share the cores: a BLAS pool in each of them would only get in the others' way.
# Set here because the libraries read it once, when they are loaded. Sparkle's own kernels keep their threads.
if "PYTEST_XDIST_WORKER" in os.environ:
    for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(_variable, "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import pytest
from hypothesis import settings

# The same examples in every run, so that what fails is a change; HYPOTHESIS_PROFILE=hunt looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("hunt", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

PARITY = Path(__file__).parent / "tests" / "parity"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """tests/parity needs torch and ignite, so it is collected only when an argument names it."""
    if collection_path != PARITY:
        return None
    asked = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    return None if any(PARITY in (path, *path.parents) for path in asked) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse names that differ between processes; skip what is marked cuda, with the reason, where it cannot run."""
    for item in items:
        if " at 0x" in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid}: a memory address in a test's name breaks parallel runs, give ids")
    marked = [item for item in items if item.get_closest_marker("cuda")]
    if marked and (reason := _why_no_cuda()):
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=reason))


def _why_no_cuda() -> str | None:
    try:
        import cupy
    except ImportError:
        return "CuPy is not installed"
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"no CUDA device: {error}"
    return None if count else "no CUDA device"


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Each test starts from the same generator state, in whichever order and process it runs."""
    sparkle = sys.modules.get("sparkle")  # a test that never imports it needs no seed
    getattr(sparkle, "manual_seed", lambda seed: None)(0)
