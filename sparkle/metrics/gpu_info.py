"""How busy the graphics cards are."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import warnings
from typing import Any

from ..engine import Engine, Events
from .metric import Metric
from .usage import MetricUsage

QUERY = ("nvidia-smi", "--query-gpu=memory.used,memory.total,utilization.gpu", "--format=csv,noheader,nounits")
MIB = 1024**2


class GpuInfo(Metric):
    """Memory and utilization of NVIDIA's graphics cards, in percent: "gpu:0 mem(%)", "gpu:0 util(%)" for each card.

    Asked of the package pynvml (nvidia-ml-py) where it is installed, else of the program nvidia-smi. Raises
    ModuleNotFoundError where there is neither, RuntimeError where there is no card. What a card does not tell is left
    out.

    >>> from sparkle.engine import Engine, Events
    >>> trainer = Engine(lambda engine, batch: None)
    >>> GpuInfo().attach(trainer, "gpu", Events.ITERATION_COMPLETED(every=100))  # doctest: +SKIP
    """

    required_output_keys = None

    def __init__(self) -> None:
        self._ask = _source()
        if not self._ask():
            raise RuntimeError("GpuInfo: there is no GPU that NVIDIA's driver knows of")
        super().__init__()

    def reset(self) -> None:
        """Nothing is gathered."""

    def update(self, output: Any) -> None:
        """Nothing is gathered."""

    def compute(self) -> list[dict[str, Any]]:
        """For each card {"fb_memory_usage": {"used", "total", "unit"}, "utilization": {"gpu_util", "unit"}}."""
        cards = [_as_dict(*card) for card in self._ask()]
        if not cards:
            warnings.warn("No GPU information available", stacklevel=2)
        return cards

    def completed(self, engine: Engine, name: str) -> None:
        """Handler: put the percentages of each card into `engine.state.metrics`, as whole numbers."""
        metrics = engine.state.metrics
        for i, card in enumerate(self.compute()):
            memory, busy = card["fb_memory_usage"], card["utilization"]["gpu_util"]
            if memory["used"] is not None and memory["total"]:
                metrics[f"{name}:{i} mem(%)"] = int(memory["used"] * 100.0 / memory["total"])
            if busy is not None:
                metrics[f"{name}:{i} util(%)"] = int(busy)

    def attach(self, engine: Engine, name: str = "gpu", event_name: Any = Events.ITERATION_COMPLETED) -> None:  # type: ignore[override]
        """Ask at each of these events."""
        engine.add_event_handler(_event(event_name), self.completed, name)

    def detach(self, engine: Engine, event_name: Any = Events.ITERATION_COMPLETED) -> None:  # type: ignore[override]
        """Ask no more."""
        if self.is_attached(engine, event_name):
            engine.remove_event_handler(self.completed, _event(event_name))

    def is_attached(self, engine: Engine, event_name: Any = Events.ITERATION_COMPLETED) -> bool:  # type: ignore[override]
        """Are the cards asked at this event?"""
        return engine.has_event_handler(self.completed, _event(event_name))


def _event(event_name: Any) -> Any:
    return event_name.COMPLETED if isinstance(event_name, MetricUsage) else event_name


def _source() -> Any:
    """What gives (used, total, utilization) of each card: MiB, MiB and percent, None for what is not known."""
    try:
        nvml = importlib.import_module("pynvml")
    except ImportError:
        if shutil.which(QUERY[0]) is None:
            raise ModuleNotFoundError(
                "GpuInfo needs the package nvidia-ml-py (`pip install nvidia-ml-py`), or NVIDIA's program nvidia-smi "
                "on the PATH; neither was found"
            ) from None
        return _ask_program
    return lambda: _ask_library(nvml)


def _ask_library(nvml: Any) -> list[tuple[Any, Any, Any]]:
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return []
    cards = [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())]
    return [(*_memory(nvml, card), _utilization(nvml, card)) for card in cards]


def _memory(nvml: Any, card: Any) -> tuple[Any, Any]:
    try:
        memory = nvml.nvmlDeviceGetMemoryInfo(card)
    except nvml.NVMLError:
        return None, None
    return memory.used / MIB, memory.total / MIB


def _utilization(nvml: Any, card: Any) -> Any:
    try:
        return nvml.nvmlDeviceGetUtilizationRates(card).gpu
    except nvml.NVMLError:
        return None


def _ask_program() -> list[tuple[Any, Any, Any]]:
    done = subprocess.run(QUERY, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines() if done.returncode == 0 else []
    return [tuple(_number(cell) for cell in line.split(",")) for line in lines]  # type: ignore[misc]


def _number(text: str) -> float | None:
    """The number in a cell, None for "[N/A]"."""
    try:
        return float(text)
    except ValueError:
        return None


def _as_dict(used: Any, total: Any, busy: Any) -> dict[str, Any]:
    return {
        "fb_memory_usage": {"used": used, "total": total, "unit": "MiB"},
        "utilization": {"gpu_util": busy, "unit": "%"},
    }
