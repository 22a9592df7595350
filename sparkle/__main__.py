"""`python -m sparkle` prints what a bug report needs: versions, BLAS and threads, extras, devices."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib import import_module, metadata

REQUIRED = ("numpy", "tqdm", "tensorboardX", "safetensors")
# Extra -> the distributions that it installs. Versions are read from metadata: importing them would take seconds.
EXTRAS = {
    "fast": ("numba",),
    "cuda12": ("cupy-cuda12x",),
    "cuda13": ("cupy-cuda13x",),
    "plot": ("matplotlib",),
    "atari": ("ale-py", "gymnasium", "pillow"),
    "bfloat16": ("ml_dtypes",),
    "wandb": ("wandb",),
    "mlflow": ("mlflow-skinny",),
}
VARIABLES = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
    *("NUMBA_NUM_THREADS", "NUMBA_THREADING_LAYER", "OMP_WAIT_POLICY", "CUDA_VISIBLE_DEVICES"),
)

Line = tuple[str, str]


def version_of(distribution: str, hint: str = "") -> str:
    """The installed version, or how to get one."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return f"not installed{hint}"


def system() -> Iterator[Line]:
    yield "python", f"{platform.python_version()} ({platform.python_implementation()}, {sys.executable})"
    yield "platform", platform.platform()
    yield "processor", platform.machine()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield "cpus", f"{os.cpu_count()}, {usable} usable by this process"


def packages() -> Iterator[Line]:
    yield "sparkle", version_of("sparkle-engine", ": runs from its source folder")
    for name in REQUIRED:
        yield name, version_of(name, f" (pip install {name})")
    for extra, names in EXTRAS.items():
        for name in names:
            yield name, version_of(name, f" (pip install 'sparkle-engine[{extra}]')")


def blas() -> Iterator[Line]:
    config = import_module("numpy").show_config(mode="dicts")["Build Dependencies"]["blas"]
    yield "BLAS of numpy", f"{config['name']} {config['version']}"
    try:
        pools = import_module("threadpoolctl").threadpool_info()
    except ImportError:
        yield "BLAS threads", "unknown (pip install threadpoolctl)"
        return
    for pool in pools:
        yield f"{pool['internal_api']} threads", f"{pool['num_threads']} ({pool['user_api']}, {pool['version']})"


def variables() -> Iterator[Line]:
    for name in VARIABLES:
        yield name, os.environ.get(name, "not set")


def devices() -> Iterator[Line]:
    from .core import backend

    yield "cpu", "available"
    count = backend.cuda_device_count()
    if not count:
        yield "cuda", "none (no CuPy, no driver or no device)"
        return
    runtime = backend.cupy().cuda.runtime
    yield "cuda runtime", str(runtime.runtimeGetVersion())
    for index in range(count):
        properties = runtime.getDeviceProperties(index)
        yield f"cuda:{index}", f"{properties['name'].decode()}, {properties['totalGlobalMem'] / 2**30:.1f} GiB"


SECTIONS: dict[str, Callable[[], Iterator[Line]]] = {
    "System": system,
    "Packages": packages,
    "BLAS": blas,
    "Environment": variables,
    "Devices": devices,
}


def section(lines: Callable[[], Iterator[Line]]) -> Iterator[Line]:
    """The lines of a section; where a broken installation cuts it short, the reason takes the place of the rest."""
    try:
        yield from lines()
    except Exception as error:
        yield "failed", f"{type(error).__name__}: {error}"


def report() -> str:
    """The whole report as text."""
    blocks = []
    for title, lines in SECTIONS.items():
        blocks.append("\n".join([title, *(f"  {name:<24} {value}" for name, value in section(lines))]))
    return "\n\n".join(blocks)


if __name__ == "__main__":
    print(report())
