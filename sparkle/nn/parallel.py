"""Modules on several devices: as yet on one."""

from ..core.nn.modules import DataParallel

__all__ = ["DataParallel"]
