"""A module called with other tensors than its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..tensor.base import TensorBase

_MISSING: Any = object()


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: dict[str, Any] | Sequence[dict[str, Any]],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """module(*args, **kwargs) with the tensors of the dicts in the place of its parameters and buffers.

    The dicts map dotted names to tensors. The module's own come back afterwards; what it put in their place during the
    call, such as running statistics, is then in the dict, where it is one. tie_weights: a tensor that the module holds
    under several names is replaced under all, ValueError for different ones. strict: RuntimeError unless the dicts name
    all, and nothing else; otherwise a name that the module has not is an attribute during the call.

    Raises AttributeError for a submodule that is not there, TypeError for what is no tensor, ValueError for a name in
    two dicts.

    >>> import sparkle
    >>> layer = sparkle.nn.Linear(1, 1)
    >>> functional_call(layer, {"weight": sparkle.tensor([[2.0]]), "bias": sparkle.tensor([1.0])}, sparkle.ones(1))
    tensor([3.])
    """
    given = _merged(parameter_and_buffer_dicts)
    tensors = _untied(module, given) if tie_weights else given
    if strict:
        _check_names(module, tensors)
    arguments = () if args is None else args if isinstance(args, tuple) else (args,)
    with _swapped(module, tensors, given):
        return module(*arguments, **(kwargs or {}))


def _merged(dicts: Any) -> dict[str, Any]:
    if isinstance(dicts, dict):
        return dicts
    if not isinstance(dicts, Sequence) or not all(isinstance(one, dict) for one in dicts):
        raise ValueError(f"functional_call: expected a dict, or a list or tuple of dicts, but got {dicts!r}")
    merged: dict[str, Any] = {}
    for one in dicts:
        if repeated := set(merged) & set(one):
            raise ValueError(f"functional_call: {sorted(repeated)} appeared in multiple dictionaries")
        merged.update(one)
    return merged


def _named_tensors(module: Any) -> dict[str, Any]:
    """Dotted name -> parameter or buffer, under all their names."""
    both = module.named_parameters(remove_duplicate=False), module.named_buffers(remove_duplicate=False)
    return {name: tensor for walk in both for name, tensor in walk}


def _untied(module: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The same with all the names of each tensor; ValueError where two of them get different ones."""
    own = {name: id(tensor) for name, tensor in _named_tensors(module).items()}
    wanted: dict[int, tuple[str, Any]] = {}
    for name in given.keys() & own.keys():
        other, value = wanted.setdefault(own[name], (name, given[name]))
        if value is not given[name]:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted([other, name])}, which are tied. Consider using "
                "tie_weights=False"
            )
    return given | {name: wanted[place][1] for name, place in own.items() if place in wanted}


def _check_names(module: Any, given: dict[str, Any]) -> None:
    wanted = _named_tensors(module).keys()
    if given.keys() != wanted:
        raise RuntimeError(
            f"functional_call: {type(module).__name__}: unexpected keys {sorted(given.keys() - wanted)}, missing keys "
            f"{sorted(wanted - given.keys())}"
        )


@contextmanager
def _swapped(root: Any, tensors: dict[str, Any], given: dict[str, Any]) -> Iterator[None]:
    """Inside, the tensors are in the module; then its own are, and what was there instead is in `given`."""
    places = {name: _place(root, name, value) for name, value in tensors.items()}
    before: dict[str, Any] = {}
    try:
        for name, value in tensors.items():
            before[name] = _swap(*places[name], value)
        yield
    finally:
        after = {name: _swap(*places[name], value) for name, value in before.items()}
        given.update((name, value) for name, value in after.items() if name in given)


def _place(root: Any, dotted: str, value: Any) -> tuple[Any, str]:
    """The module that a name is in, and the name there; raises for what may not be put there."""
    path, _, name = dotted.rpartition(".")
    if name == "":
        raise KeyError(f"functional_call: the last part of a name can't be empty, met {dotted!r}")
    owner = root
    for step in path.split(".") if path else ():
        if not hasattr(owner, step):
            raise AttributeError(
                f"functional_call: {type(owner).__name__} has no attribute {step!r}, wanted {dotted!r}"
            )
        owner = getattr(owner, step)
        if not hasattr(owner, "_parameters"):
            raise TypeError(f"functional_call: {step!r} of {dotted!r} is no module but {type(owner).__name__}")
    present = owner.__dict__.get(name)
    for tensor in (value, present):
        if tensor is not None and not isinstance(tensor, TensorBase):
            raise TypeError(f"functional_call: {dotted!r} must be a tensor, met {type(tensor).__name__}")
    return owner, name


def _swap(owner: Any, name: str, value: Any) -> Any:
    """Put a tensor in a module, or take one away for _MISSING; returns what was there."""
    for table in (owner._parameters, owner._buffers, owner.__dict__):
        if name in table:
            before = table.pop(name) if value is _MISSING else table[name]
            if value is not _MISSING:
                table[name] = value
            return before
    before = getattr(owner, name, _MISSING)
    if before is _MISSING:
        owner.__dict__[name] = value
    else:
        setattr(owner, name, value)  # a property of the class: the tensor is parametrized
    return before
