"""What a module holds: parameters, buffers and submodules as attributes, and the walks over all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...tensor.base import TensorBase
from ..parameter import Buffer, Parameter
from .everywhere import everywhere, replaced


class Members:
    """Registration by attribute, and iteration."""

    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    _modules: dict[str, Any]
    _non_persistent_buffers_set: set[str]

    # Attributes.

    def __getattr__(self, name: str) -> Any:
        fields = self.__dict__
        if "_parameters" in fields:  # spelled out: every use of a parameter or submodule passes here
            if name in fields["_parameters"]:
                return fields["_parameters"][name]
            if name in fields["_modules"]:
                return fields["_modules"][name]
            if name in fields["_buffers"]:
                return fields["_buffers"][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        fields = self.__dict__
        if isinstance(value, Parameter):
            self._check_started("parameters")
            self._forget(name, "_parameters")
            self.register_parameter(name, value)
        elif name in fields.get("_parameters", ()):
            self._check_none(name, value, "parameter", "sparkle.nn.Parameter")
            self.register_parameter(name, value)
        elif isinstance(value, Members):
            self._check_started("module")
            self._forget(name, "_modules")
            self._modules[name] = replaced(everywhere.module, self, name, value)
        elif name in fields.get("_modules", ()):
            self._check_none(name, value, "child module", "sparkle.nn.Module")
            self._modules[name] = replaced(everywhere.module, self, name, value)
        elif isinstance(value, Buffer):
            self._check_started("buffer")
            self._forget(name, "_buffers")
            self.register_buffer(name, value, value.persistent)
        elif name in fields.get("_buffers", ()):
            if not isinstance(value, TensorBase):
                self._check_none(name, value, "buffer", "sparkle.nn.Buffer, sparkle.Tensor")
            self.register_buffer(name, value, name not in self._non_persistent_buffers_set)
        else:
            object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = {*object.__dir__(self), *self._parameters, *self._buffers, *self._modules}
        return sorted(name for name in names if not name[:1].isdigit())

    def _check_started(self, what: str) -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(f"cannot assign {what} before Module.__init__() call")

    def _forget(self, name: str, but: str) -> None:
        """Let the name mean nothing else than what it will in one of the tables."""
        self.__dict__.pop(name, None)
        for table in ("_parameters", "_buffers", "_modules"):
            if table != but:
                self.__dict__[table].pop(name, None)
        if but != "_buffers":
            self._non_persistent_buffers_set.discard(name)

    @staticmethod
    def _check_none(name: str, value: Any, what: str, wanted: str) -> None:
        if value is not None:
            raise TypeError(f"cannot assign '{type(value).__name__}' as {what} '{name}' ({wanted} or None expected)")

    # Registration.

    def register_parameter(self, name: str, param: Any) -> None:
        """Add a parameter, or None for one that is missing; then it is an attribute.

        Raises TypeError for other values, KeyError for a name that is taken, empty or has a dot.
        """
        self._check_started("parameter")
        self._check_name(name, "parameter", self._parameters)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{type(param).__name__}' object to parameter '{name}' "
                "(sparkle.nn.Parameter or None required)"
            )
        if param is not None and param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. To "
                f"express '{name}' as a function of another Tensor, compute the value in the forward() method."
            )
        self._parameters[name] = param if param is None else replaced(everywhere.parameter, self, name, param)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Add a tensor that is state but no parameter; persistent: is it part of the state dict?"""
        self._check_started("buffer")
        self._check_name(name, "buffer", self._buffers)
        if tensor is not None and not isinstance(tensor, TensorBase):
            raise TypeError(
                f"cannot assign '{type(tensor).__name__}' object to buffer '{name}' (sparkle Tensor or None required)"
            )
        self._buffers[name] = replaced(everywhere.buffer, self, name, tensor)
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_module(self, name: str, module: Any) -> None:
        """Another name of `add_module`."""
        self.add_module(name, module)

    def add_module(self, name: str, module: Any) -> None:
        """Add a submodule, or None; then it is an attribute."""
        if not isinstance(module, Members) and module is not None:
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._check_name(name, "module", self._modules)
        self._modules[name] = replaced(everywhere.module, self, name, module)

    def _check_name(self, name: Any, what: str, table: dict[str, Any]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string. Got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{what} name can\'t contain ".", got: {name}')
        if name == "":
            raise KeyError(f'{what} name can\'t be empty string ""')
        if name not in table and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    # Walks. An object that is held twice comes once, unless remove_duplicate is false.

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """(name, submodule) of the direct submodules."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Any]:
        """The direct submodules."""
        for _, module in self.named_children():
            yield module

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """(dotted name, module) of this module, whose name is the prefix, and of all below it."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, _joined(prefix, name), remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Any]:
        """This module and all below it."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """(dotted name, parameter) of this module's and, with recurse, all its submodules' parameters."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        """This module's and, with recurse, all its submodules' parameters."""
        for _, p in self.named_parameters(recurse=recurse):
            yield p

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """(dotted name, buffer) of this module's and, with recurse, all its submodules' buffers."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Any]:
        """This module's and, with recurse, all its submodules' buffers."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def _named(self, table: str, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[tuple[str, Any]]:
        seen = set()
        modules = self.named_modules(None, prefix, remove_duplicate) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, value in getattr(module, table).items():
                if value is None or value in seen:
                    continue
                if remove_duplicate:
                    seen.add(value)
                yield _joined(path, name), value

    # By name.

    def get_submodule(self, target: str) -> Any:
        """The submodule of a dotted name, the module itself for ""; AttributeError where there is none."""
        module: Any = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Members):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def set_submodule(self, target: str, module: Any, strict: bool = False) -> None:
        """Put a module in the place of a dotted name, new unless strict, where the parent exists.

        Raises ValueError for what is no module, AttributeError where the parent does not exist, where the name means
        something else, and with strict where it means nothing yet.
        """
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Members):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict or hasattr(parent, name):
            parent.get_submodule(name)
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Any:
        """The parameter of a dotted name; AttributeError where there is none."""
        return self._find(target, "_parameters", "an nn.Parameter")

    def get_buffer(self, target: str) -> Any:
        """The buffer of a dotted name; AttributeError where there is none."""
        return self._find(target, "_buffers", "a buffer")

    def _find(self, target: str, table: str, what: str) -> Any:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
        found = getattr(module, table).get(name)
        if found is None:
            raise AttributeError(f"`{name}` is not {what}")
        return found


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name
