"""Tensors of modules as functions of other tensors: `sparkle.nn.utils.parametrize`.

A module with parametrized tensors gets a class of its own, made below its old one, with a property for each of them.
The class is made anew whenever that set changes, so a copy of the module, which shares it, keeps its own properties.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ...tensor.base import TensorBase
from ...tensor.switches import no_grad
from ..base import ModuleDict, ModuleList
from ..parameter import Parameter

# (module, name of the tensor) -> value, inside `cached`; None outside.
_values: ContextVar[dict[tuple[Any, str], Any] | None] = ContextVar("parametrized values", default=None)


@contextmanager
def cached() -> Iterator[None]:
    """Inside, every parametrized tensor is computed once, when it is first asked for.

    Blocks may be nested; the values are forgotten at the end of the outermost one. A value that was computed before the
    tensor is assigned to stays until then.
    """
    if _values.get() is not None:
        yield
        return
    token = _values.set({})
    try:
        yield
    finally:
        _values.reset(token)


class ParametrizationList(ModuleList):
    """The functions that make a tensor, in order, and the tensor they start from; called, it gives the result.

    That is `original`, or `original0`, `original1`, ... where the first function takes several. Made by
    `register_parametrization`, which says what the arguments are.
    """

    def __init__(self, modules: Sequence[Any], original: Any, unsafe: bool = False) -> None:
        if len(modules) == 0:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        with no_grad():
            new = original
            for function in reversed(list(self)):
                new = _inverted(function, new)
        self.is_tensor = isinstance(new, TensorBase)
        if not self.is_tensor and not isinstance(new, Sequence):
            raise ValueError(
                f"'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got {_kind(new)}"
            )
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            self._start_from_one(original, new)
        else:
            self._start_from_several(original, new)

    def _start_from_one(self, original: Any, new: Any) -> None:
        """The original keeps its identity, so an optimizer that has it needs no change."""
        for what in ("dtype", "device"):
            if getattr(original, what) != getattr(new, what):
                raise ValueError(
                    f"When `right_inverse` outputs one tensor, it may not change the {what}: original.{what} is "
                    f"{getattr(original, what)}, right_inverse(original).{what} is {getattr(new, what)}"
                )
        before = original.detach()
        with no_grad():
            original.set_(new)
        _register(self, "original", original)
        try:
            self._check(before)
        except Exception:
            with no_grad():
                original.set_(before)
            raise

    def _start_from_several(self, original: Any, new: Any) -> None:
        for i, tensor in enumerate(new):
            if not isinstance(tensor, TensorBase):
                raise ValueError(
                    "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got element "
                    f"{i} of the sequence with type {_kind(tensor)}."
                )
            start: Any = Parameter(tensor, original.requires_grad) if isinstance(original, Parameter) else tensor
            _register(self, f"original{i}", start.requires_grad_(original.requires_grad))
        self._check(original)

    def _check(self, wanted: Any) -> None:
        if not self.unsafe:
            _check_kept(self(), wanted, "parametrized tensor")

    def right_inverse(self, value: Any) -> None:
        """Make the tensor this value: send it back through all `right_inverse`s, and store what comes out.

        Raises RuntimeError where there is none, ValueError where it gives something else than at registration.
        """
        with no_grad():
            for function in reversed(list(self)):
                if not hasattr(function, "right_inverse"):
                    raise RuntimeError(f"parametrization {_kind(function)} does not implement right_inverse.")
                value = function.right_inverse(value)
            if self.is_tensor:
                _replace(self.original, value, "original")
                return
            if not isinstance(value, Sequence) or len(value) != self.ntensors:
                met = f"{len(value)}" if isinstance(value, Sequence) else _kind(value)
                raise ValueError(f"'right_inverse' must return a sequence of {self.ntensors} tensors. Got {met}.")
            for i, tensor in enumerate(value):
                _replace(getattr(self, f"original{i}"), tensor, f"original{i}")

    def forward(self) -> Any:
        """The parametrized tensor."""
        first, *others = self
        x = first(self.original) if self.is_tensor else first(*_originals(self).values())
        for function in others:
            x = function(x)
        return x


def _originals(chain: ParametrizationList) -> dict[str, Any]:
    """Name -> tensor that the chain starts from."""
    names = ["original"] if chain.is_tensor else [f"original{i}" for i in range(chain.ntensors)]
    return {name: getattr(chain, name) for name in names}


def _kind(value: Any) -> str:
    return type(value).__name__


def _inverted(function: Any, value: Any) -> Any:
    """right_inverse(value), the value itself for functions that have none."""
    if not hasattr(function, "right_inverse"):
        return value
    try:
        return function.right_inverse(value)
    except NotImplementedError:
        return value


def _replace(original: Any, value: Any, name: str) -> None:
    if not isinstance(value, TensorBase):
        raise ValueError(f"`right_inverse` should return a tensor for `{name}`. Got {_kind(value)}")
    if value.dtype != original.dtype:  # type: ignore[attr-defined]
        raise ValueError(
            f"The tensor returned by `right_inverse` has dtype {value.dtype} "  # type: ignore[attr-defined]
            f"while `{name}` has dtype {original.dtype}"
        )
    original.set_(value)


def _check_kept(value: Any, wanted: Any, what: str) -> None:
    """ValueError unless the value is a tensor of the wanted dtype and shape."""
    if not isinstance(value, TensorBase):
        raise ValueError(f"A parametrization must return a tensor. Got {_kind(value)} for the {what}.")
    for kept in ("dtype", "shape"):
        if getattr(value, kept) != getattr(wanted, kept):
            raise ValueError(
                f"Registering a parametrization may not change the {kept} of the tensor, unless the `unsafe` flag is "
                f"enabled. The {what}'s {kept} is {getattr(value, kept)}, the module's tensor's {getattr(wanted, kept)}"
            )


def _register(module: Any, name: str, tensor: Any) -> None:
    register = module.register_parameter if isinstance(tensor, Parameter) else module.register_buffer
    register(name, tensor)


def register_parametrization(module: Any, tensor_name: str, parametrization: Any, *, unsafe: bool = False) -> Any:
    """Make a parameter or buffer of a module what the module `parametrization` returns for it; returns the module.

    `module.<tensor_name>` is then computed at every use, and gradients flow to
    `module.parametrizations.<tensor_name>.original`. A second parametrization is applied after the first. With a method
    right_inverse(value), which returns what `forward` takes (one tensor, or a sequence for a `forward` of several), the
    tensor keeps its value and can be assigned to. unsafe: it may change dtype and shape, and nothing is checked.

    Raises ValueError for a name that the module has not, and for a dtype or shape that would change; the module is then
    as it was.

    >>> import sparkle
    >>> class Symmetric(sparkle.nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).T
    >>> layer = register_parametrization(sparkle.nn.Linear(3, 3), "weight", Symmetric())
    >>> bool((layer.weight == layer.weight.T).all())
    True
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'parametrizations.weight.original']
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        if not unsafe:
            _check_addition(parametrization, getattr(module, tensor_name))
        chain = module.parametrizations[tensor_name]
        chain.append(parametrization)
        chain.unsafe |= unsafe
    elif (original := {**module._buffers, **module._parameters}.get(tensor_name)) is not None:
        chain = ParametrizationList([parametrization], original, unsafe=unsafe)
        delattr(module, tensor_name)
        base = type_before_parametrizations(module)
        if not is_parametrized(module):
            module.parametrizations = ModuleDict()
        module.parametrizations[tensor_name] = chain
        module.__class__ = _parametrized_class(base, list(module.parametrizations))
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
            f"'{tensor_name}'"
        )
    return module


def _check_addition(parametrization: Any, present: Any) -> None:
    """A parametrization after others must keep dtype and shape, both ways."""
    new = parametrization(present)
    _check_kept(new, present, "parametrized tensor")
    if hasattr(parametrization, "right_inverse"):
        _check_kept(_inverted(parametrization, new), present, "tensor returned by right_inverse")


def _parametrized_class(base: type, names: list[str]) -> type:
    """A class below base with a property for each of the tensors."""
    body: dict[str, Any] = {name: _property_of(name) for name in names}
    body |= {"__getstate__": _refuse_state, "__module__": base.__module__}
    if not hasattr(base, "__deepcopy__"):
        body["__deepcopy__"] = _deepcopy
    return type(f"Parametrized{base.__name__}", (base,), body)


def _property_of(name: str) -> property:
    def computed(self: Any) -> Any:
        chain = self.parametrizations[name]
        values = _values.get()
        if values is None:
            return chain()
        if (self, name) not in values:
            values[self, name] = chain()
        return values[self, name]

    def assign(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    return property(computed, assign, doc=f"{name}, computed from its original.")


def _refuse_state(self: Any) -> Any:
    raise RuntimeError(
        f"{type(self).__name__}: a module with parametrizations is saved through state_dict() only; its class exists "
        "in this program alone"
    )


def _deepcopy(self: Any, memo: dict[int, Any]) -> Any:
    """A copy of the attributes, as deepcopy makes it of objects without __getstate__."""
    twin = memo[id(self)] = self.__new__(type(self))
    twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
    return twin


def is_parametrized(module: Any, tensor_name: str | None = None) -> bool:
    """Does the module have parametrizations, of this tensor or of any?"""
    chains = getattr(module, "parametrizations", None)
    if not isinstance(chains, ModuleDict):
        return False
    return len(chains) > 0 if tensor_name is None else tensor_name in chains


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """Make a tensor a plain parameter or buffer again; returns the module.

    It keeps its parametrized value, or with leave_parametrized=False gets its original back. An original that is one
    tensor stays the same object. Raises ValueError where there is no parametrization, and for originals that are
    several with leave_parametrized=False.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    tensor = _left(module, tensor_name, leave_parametrized)
    base = type_before_parametrizations(module)
    del module.parametrizations[tensor_name]
    if is_parametrized(module):
        module.__class__ = _parametrized_class(base, list(module.parametrizations))
    else:
        del module.parametrizations
        module.__class__ = base
    _register(module, tensor_name, tensor)
    return module


def _left(module: Any, name: str, leave_parametrized: bool) -> Any:
    """The tensor that stands in the module once its parametrization is gone."""
    chain = module.parametrizations[name]
    if chain.is_tensor:
        if leave_parametrized:
            with no_grad():
                chain.original.set_(getattr(module, name))
        return chain.original
    if not leave_parametrized:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a "
            f"sequence of tensors: {name} is made from {chain.ntensors}."
        )
    value = getattr(module, name)
    return Parameter(value) if value.requires_grad else value


def type_before_parametrizations(module: Any) -> type:
    """The class of a module without regard to its parametrizations."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(from_module: Any, to_module: Any, tensor_name: str | None = None) -> Any:
    """Give the parametrizations of one module, and the tensors they start from, to another as well; returns that.

    tensor_name: only this one's. A parameter that the other module has not is made there.
    """
    if not is_parametrized(from_module):
        return to_module
    for name in list(from_module.parametrizations) if tensor_name is None else [tensor_name]:
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name)))
        for function in from_module.parametrizations[name]:
            register_parametrization(to_module, name, function)
        for key, tensor in _originals(from_module.parametrizations[name]).items():
            setattr(to_module.parametrizations[name], key, tensor)
    return to_module
