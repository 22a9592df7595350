"""Which devices and modes the factories can do."""

from __future__ import annotations

from typing import Any


def check_mode(factory: str, device: Any, amp_mode: str | None, scaler: Any = None) -> None:
    """Refuse devices and modes that are not there: ValueError, RuntimeError or ModuleNotFoundError."""
    place = str(device)
    if amp_mode and "mps" in place:
        raise ValueError(
            f"{factory}: amp_mode cannot be used with mps device. Consider using amp_mode=None or device='cuda'."
        )
    if "xla" in place:
        raise RuntimeError(f"{factory}: device={place!r} needs PyTorch XLA; the devices here are 'cpu' and 'cuda'")
    if amp_mode not in (None, "amp", "apex"):
        raise ValueError(f"{factory}: amp_mode should be None, 'amp' or 'apex', got {amp_mode!r}")
    if scaler and amp_mode != "amp":
        raise ValueError(
            f"{factory}: scaler argument is {scaler}, but amp_mode is {amp_mode}. Consider using amp_mode='amp'."
        )
    if amp_mode == "apex":
        raise ModuleNotFoundError(f"{factory}: amp_mode='apex' needs NVIDIA apex, which is for PyTorch models only")
