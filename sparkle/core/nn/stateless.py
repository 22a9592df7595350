"""A module called with other parameters than its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


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

    The dicts map dotted names to tensors; the module's own come back afterwards. tie_weights: a tensor that the module
    holds under several names is replaced under all. strict: RuntimeError unless the dicts name all, and nothing else;
    otherwise names that it has not are left out.

    >>> import sparkle
    >>> layer = sparkle.nn.Linear(1, 1)
    >>> functional_call(layer, {"weight": sparkle.tensor([[2.0]]), "bias": sparkle.tensor([1.0])}, sparkle.ones(1))
    tensor([3.])
    """
    given = _merged(parameter_and_buffer_dicts)
    places = _places(module)
    if strict:
        _check_names(set(given), set(places))
    given = {name: value for name, value in given.items() if name in places}
    arguments = () if args is None else args if isinstance(args, tuple) else (args,)
    with _replaced(places, _tied(given, places) if tie_weights else given):
        return module(*arguments, **(kwargs or {}))


def _merged(dicts: Any) -> dict[str, Any]:
    if isinstance(dicts, dict):
        return dicts
    merged: dict[str, Any] = {}
    for one in dicts:
        if repeated := set(merged) & set(one):
            raise ValueError(f"functional_call: {sorted(repeated)} appeared in multiple dictionaries")
        merged.update(one)
    return merged


def _places(module: Any) -> dict[str, tuple[dict[str, Any], str]]:
    """Dotted name -> the table that holds it, and the name there."""
    found = {}
    for path, inner in module.named_modules(remove_duplicate=False):
        for table in (inner._parameters, inner._buffers):
            for name, value in table.items():
                if value is not None:
                    found[f"{path}.{name}" if path else name] = (table, name)
    return found


def _tied(given: dict[str, Any], places: dict[str, tuple[dict[str, Any], str]]) -> dict[str, Any]:
    """The same with all the names of each tensor; ValueError where two of them get different ones."""
    own = {name: id(table[key]) for name, (table, key) in places.items()}
    wanted: dict[int, tuple[str, Any]] = {}
    for name, value in given.items():
        other, there = wanted.setdefault(own[name], (name, value))
        if there is not value:
            raise ValueError(f"functional_call: {other!r} and {name!r} are tied, but were given different tensors")
    return {name: wanted[place][1] for name, place in own.items() if place in wanted}


def _check_names(given: set[str], wanted: set[str]) -> None:
    if given != wanted:
        raise RuntimeError(
            f"functional_call: unexpected keys {sorted(given - wanted)}, missing keys {sorted(wanted - given)}"
        )


@contextmanager
def _replaced(places: dict[str, tuple[dict[str, Any], str]], tensors: dict[str, Any]) -> Iterator[None]:
    before = {name: table[key] for name, (table, key) in places.items()}
    try:
        for name, value in tensors.items():
            table, key = places[name]
            table[key] = value
        yield
    finally:
        for name, value in before.items():
            table, key = places[name]
            table[key] = value
