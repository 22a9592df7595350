"""Nested values as JSON with the arrays taken out, and back.

What JSON knows stands for itself; everything else is an object with one key that begins with `$`, such as
`{"$tuple": [...]}` or `{"$tensor": "3"}`. Reading one makes values of the types below and nothing else, so that a file
cannot run code.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from typing import Any

import numpy

from .. import backend, devices, dtypes
from ..nn.parameter import Parameter
from ..tensor.base import TensorBase, wrap
from ..tensor.size import Size

_PLAIN = (type(None), bool, int, float, str)


class Packer:
    """Turns values into JSON and gathers their arrays in `arrays`, by name."""

    def __init__(self) -> None:
        self.arrays: dict[str, numpy.ndarray] = {}
        self._names: dict[tuple[Any, ...], str] = {}
        self._alive: list[Any] = []  # keeps addresses from being used twice while packing
        self._open: set[int] = set()

    def pack(self, value: Any, where: str = "obj") -> Any:
        """The JSON of a value; TypeError, naming the place, for what a file cannot hold."""
        if type(value) in _PLAIN:
            return value
        if isinstance(value, TensorBase):
            return self._tensor(value, where)
        if backend.is_array(value):
            return {"$array": self._array(value, where)}
        if isinstance(value, numpy.generic):
            return {"$scalar": [value.dtype.str, value.item()]}
        if isinstance(value, dtypes.dtype):
            return {"$dtype": value.name}
        if isinstance(value, devices.device):
            return {"$device": str(value)}
        if isinstance(value, bytes):
            return {"$bytes": base64.b64encode(value).decode()}
        if isinstance(value, complex):
            return {"$complex": [value.real, value.imag]}
        if isinstance(value, (dict, list, tuple, set, frozenset)):
            return self._container(value, where)
        if isinstance(value, (int, float, str)):  # subclasses, such as an enum with values
            return self.pack(
                int(value) if isinstance(value, int) else float(value) if isinstance(value, float) else str(value)
            )
        raise TypeError(_cannot(value, where))

    def _container(self, value: Any, where: str) -> Any:
        if id(value) in self._open:
            raise ValueError(f"save: {where} contains itself")
        self._open.add(id(value))
        try:
            if isinstance(value, dict):
                return self._dict(value, where)
            items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
            packed = [self.pack(item, f"{where}[{i}]") for i, item in enumerate(items)]
            if isinstance(value, list):
                return packed
            if isinstance(value, Size):
                return {"$size": packed}
            return {"$tuple" if isinstance(value, tuple) else "$set": packed}
        finally:
            self._open.discard(id(value))

    def _dict(self, value: dict[Any, Any], where: str) -> Any:
        simple = all(type(key) is str and not key.startswith("$") for key in value)
        if simple and not isinstance(value, OrderedDict):
            return {key: self.pack(item, f"{where}[{key!r}]") for key, item in value.items()}
        pairs = [[self.pack(key, f"{where} key"), self.pack(item, f"{where}[{key!r}]")] for key, item in value.items()]
        return {"$ordered" if isinstance(value, OrderedDict) else "$dict": pairs}

    def _tensor(self, x: Any, where: str) -> Any:
        extra: dict[str, Any] = {}
        if x.tracked:
            extra["requires_grad"] = True
        if isinstance(x, Parameter):
            extra["type"] = "Parameter"
        kind, index = backend.device_of(x.array)
        if kind != "cpu":
            extra["device"] = f"{kind}:{index}"
        name = self._array(x.array, where)
        return {"$tensor": [name, extra] if extra else name}

    def _array(self, array: Any, where: str) -> str:
        """The array's name in the file; the same memory seen in the same way is stored once."""
        if array.dtype.kind not in "biu" + dtypes.FLOATS or array.dtype.itemsize > 8:
            raise TypeError(
                f"save: {where} is an array of {array.dtype}; files hold bool, integers and floats of up to 8 bytes"
            )
        key = (
            array.__array_interface__["data"][0] if isinstance(array, numpy.ndarray) else array.data.ptr,
            array.shape,
            array.strides,
            array.dtype.str,
        )
        if array.size and key in self._names:
            return self._names[key]
        name = self._names[key] = str(len(self.arrays))
        self._alive.append(array)
        host = backend.to_numpy(array)
        self.arrays[name] = numpy.ascontiguousarray(host).reshape(host.shape)
        return name


def _cannot(value: Any, where: str) -> str:
    hint = ""
    if hasattr(value, "state_dict"):
        hint = "; save its state_dict() instead"
    elif callable(value):
        hint = "; files cannot hold code"
    return (
        f"save: {where} is a {type(value).__module__}.{type(value).__qualname__}, which a file cannot "
        f"hold{hint}. Files hold "
        "tensors, arrays, numbers, strings, bytes, None, and dicts, lists, tuples and sets of them"
    )


class Unpacker:
    """Turns JSON and arrays back into values."""

    def __init__(self, arrays: dict[str, numpy.ndarray], place: Any) -> None:
        self._arrays, self._place = arrays, place  # place: device text -> device

    def unpack(self, value: Any) -> Any:
        """The value; ValueError for what no packer writes."""
        if isinstance(value, list):
            return [self.unpack(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((tag, content),) = value.items()
            if tag.startswith("$"):
                return self._tagged(tag, content)
        return {key: self.unpack(item) for key, item in value.items()}

    def _tagged(self, tag: str, content: Any) -> Any:
        make = _READERS.get(tag)
        if make is None:
            raise ValueError(f"load: unknown kind of value {tag!r}")
        return make(self, content)

    def _tensor(self, content: Any) -> Any:
        name, extra = content if isinstance(content, list) else (content, {})
        d = self._place(extra.get("device", "cpu"))
        x = wrap(backend.move(self._arrays[name], d.type, d.index))
        wanted = bool(extra.get("requires_grad"))
        return Parameter(x, wanted) if extra.get("type") == "Parameter" else x.requires_grad_(wanted)

    def _pairs(self, content: Any) -> list[tuple[Any, Any]]:
        return [(self.unpack(key), self.unpack(item)) for key, item in content]


_READERS: dict[str, Any] = {
    "$tensor": Unpacker._tensor,
    "$array": lambda u, c: u._arrays[c],
    "$scalar": lambda u, c: numpy.dtype(c[0]).type(c[1]),
    "$dtype": lambda u, c: dtypes.BY_NAME[c],
    "$device": lambda u, c: devices.device(c),
    "$bytes": lambda u, c: base64.b64decode(c),
    "$complex": lambda u, c: complex(*c),
    "$size": lambda u, c: Size(c),
    "$tuple": lambda u, c: tuple(u.unpack(c)),
    "$set": lambda u, c: set(u.unpack(c)),
    "$dict": lambda u, c: dict(u._pairs(c)),
    "$ordered": lambda u, c: OrderedDict(u._pairs(c)),
}
