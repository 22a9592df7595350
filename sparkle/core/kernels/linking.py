"""Machine code that is compiled once and called by many loops, which find it by its name, as they do C functions.

Numba takes what a loop calls into the loop, and compiles it again for each. What is large and called often is apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from llvmlite.binding import add_symbol
from numba import types
from numba.core.ccallback import CFunc
from numba.extending import intrinsic

from .compiling import kept_on_disk

WORD = ir.IntType(64)

_functions: dict[str, Callable[..., Any]] = {}  # by name, what compiled code does there
_linked: dict[str, Any] = {}  # those that have an address


def function(module: Any, name: str, count: int, write: Callable[[Any, Sequence[Any]], Any]) -> Any:
    """The module's own function of that name, of so many words; written where it is not there yet."""
    if name in module.globals:
        return module.globals[name]
    made = ir.Function(module, ir.FunctionType(ir.VoidType(), [WORD] * count), name)
    made.linkage = "internal"
    made.attributes.add("noinline")
    write(ir.IRBuilder(made.append_basic_block("entry")), made.args)
    return made


def apart(name: str, count: int, write: Callable[[Any, Sequence[Any]], Any]) -> Any:
    """What compiled code calls to run the function that write(builder, words) writes, which is compiled once."""

    def own(module: Any) -> Any:
        return function(module, f"{name}_body", count, write)

    def other(module: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [WORD] * count)
        return module.globals.get(name) or ir.Function(module, kind, name)

    words = ", ".join(f"a{i}" for i in range(count))
    body = _call(name, words, own, lambda: None)
    _functions[name] = _written(f"def {name}({words}):\n    body({words})", name, body=body)
    return _call(name, words, other, lambda: link([name]))


def _call(name: str, words: str, called: Callable[[Any], Any], before: Callable[[], None]) -> Any:
    """What compiled code calls to run a function, called(module). before: what is done before it is compiled."""

    def lower(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        builder.call(called(builder.module), values)
        return context.get_dummy_value()

    def typed(*words: Any) -> Any:
        before()
        return types.void(*[types.int64] * len(words)), lower

    return intrinsic(_written(f"def {name}(typing, {words}):\n    return typed({words})", name, typed=typed))


def _written(text: str, name: str, **names: Any) -> Any:
    """The function that a text defines, with these names known; numba takes this file for its source."""
    space: dict[str, Any] = {"__name__": __name__, **names}
    exec(compile(text, __file__, "exec"), space)
    return space[name]


def link(names: Sequence[str]) -> None:
    """See to it that code with these names is there: before code that calls it is compiled, or read from disk."""
    for name in names:
        if name not in _linked:
            compiled = kept_on_disk(_as_c, _functions[name])
            compiled.compile()
            add_symbol(name, compiled.address)
            _linked[name] = compiled


def _as_c(function: Callable[..., Any]) -> Any:
    words = (types.int64,) * function.__code__.co_argcount
    return CFunc(function, (words, types.void), {}, {"nopython": True})


def is_apart(name: str) -> bool:
    """Is there such code?"""
    return name in _functions
