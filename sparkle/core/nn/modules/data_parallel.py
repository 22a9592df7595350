"""A module on one device under the name that programs for several use."""

from __future__ import annotations

from typing import Any

from ... import backend
from ...devices import as_device
from ...tensor.base import TensorBase
from ..base.module import Module


class DataParallel(Module):
    """The module it is given, as `.module`, run on one device; its state dict's keys begin with "module.".

    Without a GPU it runs where it is. With one, the module and the tensors it is called with go to device_ids[0], the
    current GPU where that is not given. Raises RuntimeError for several device_ids: batches are not divided. dim, along
    which they would be, and output_device, where results would be gathered, must then be the first dim and that device.

    >>> import sparkle
    >>> list(DataParallel(sparkle.nn.Linear(1, 1)).state_dict())
    ['module.weight', 'module.bias']
    """

    def __init__(self, module: Any, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        ids = [] if device_ids is None else list(device_ids)
        if len(ids) > 1:
            raise RuntimeError(f"DataParallel: wanted one device at most, met device_ids={ids}")
        if dim != 0:
            raise RuntimeError(f"DataParallel: wanted dim=0, met {dim}: batches are not divided between devices")
        if output_device is not None and ids and as_device(output_device) != as_device(ids[0]):
            raise RuntimeError(f"DataParallel: output_device {output_device!r} must be the one of device_ids={ids}")
        self.module, self.dim = module, dim
        self.device_ids: list[Any] = []
        if backend.cuda_device_count():
            self.device_ids = ids or ["cuda"]
            self.module.to(as_device(self.device_ids[0]))

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """module(*inputs, **kwargs)"""
        if self.device_ids:
            place = as_device(self.device_ids[0])
            inputs, kwargs = _moved(inputs, place), _moved(kwargs, place)
        return self.module(*inputs, **kwargs)


def _moved(value: Any, place: Any) -> Any:
    """The value with all tensors in its tuples, lists and dicts on the device."""
    if isinstance(value, TensorBase):
        return value.to(place)  # type: ignore[attr-defined]
    if isinstance(value, dict):
        return {key: _moved(one, place) for key, one in value.items()}
    if isinstance(value, (tuple, list)) and not hasattr(value, "_fields"):
        return type(value)([_moved(one, place) for one in value])
    return value
