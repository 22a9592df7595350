"""Machine code that is compiled once and called by many loops, which find it by its name, as they do C functions.

Numba takes what a loop calls into the loop, and compiles it again for each. What is large and called often is apart.
"""

from __future__ import annotations

import functools
import inspect
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
_loops: dict[str, Any] = {}  # by name, loops with code for several kinds of arguments
_linked: dict[str, Any] = {}  # by the name under which it is found, what is compiled
_calls: dict[str, tuple[str, Any]] = {}  # by the same, what `link` was asked for


def function(module: Any, name: str, count: int, write: Callable[[Any, Sequence[Any]], Any]) -> Any:
    """The module's own function of that name, of so many words; written where it is not there yet."""
    if name in module.globals:
        return module.globals[name]
    made = ir.Function(module, ir.FunctionType(ir.VoidType(), [WORD] * count), name)
    made.linkage = "internal"
    made.attributes.add("noinline")
    write(ir.IRBuilder(made.append_basic_block("entry")), made.args)
    return made


def called(loop: Callable[..., Any]) -> Any:
    """The loop over words as compiled code calls it: by its name, compiled once. A product and a sum may be one."""
    name, words = f"sparkle_{loop.__name__}", inspect.signature(loop).parameters
    _functions[name] = loop
    return _call(name, ", ".join(words), functools.partial(_declared, name, len(words)), lambda: link(name))


def apart(name: str, count: int, write: Callable[[Any, Sequence[Any]], Any]) -> Any:
    """What compiled code calls to run the function that write(builder, words) writes, which is compiled once."""

    def own(module: Any) -> Any:
        return function(module, f"{name}_body", count, write)

    words = ", ".join(f"a{i}" for i in range(count))
    body = _call(name, words, own, lambda: None)
    _functions[name] = _written(f"def {name}({words}):\n    body({words})", name, body=body)
    return _call(name, words, functools.partial(_declared, name, count), lambda: link(name))


def _declared(name: str, count: int, module: Any) -> Any:
    """The function of that name that is in no module."""
    kind = ir.FunctionType(ir.VoidType(), [WORD] * count)
    return module.globals.get(name) or ir.Function(module, kind, name)


def _call(name: str, words: str, called: Callable[[Any], Any], before: Callable[[], Any]) -> Any:
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


def code_of(loop: Any, kinds: tuple[Any, ...]) -> str:
    """The name under which the code of a loop, for arguments of these kinds, is found: it is there from now on."""
    return link(to_be_called(loop), kinds)


def to_be_called(loop: Any) -> str:
    """The loop's name for `link`: known from now on, before code is read from disk that calls the loop."""
    name = f"{loop.py_func.__module__}.{loop.py_func.__qualname__}"
    _loops[name] = loop
    return name


def link(name: str, kinds: Any = None) -> str:
    """See to it that code is there: before code that calls it is compiled, or read from disk.

    name: a function's or a loop's. kinds: of the loop's arguments. Returns the name under which the code is found.
    """
    symbol = name if kinds is None else f"{name}{kinds}"
    if symbol not in _linked:
        if kinds is None:
            compiled = kept_on_disk(_as_c, _functions[name])
            compiled.compile()
            address = compiled.address
        else:
            _loops[name].compile(kinds)
            compiled = _loops[name].overloads[kinds]
            address = compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)
        add_symbol(symbol, address)
        _linked[symbol], _calls[symbol] = compiled, (name, kinds)
    return symbol


def _as_c(function: Callable[..., Any]) -> Any:
    words = (types.int64,) * function.__code__.co_argcount
    options = {"nopython": True, "error_model": "numpy", "fastmath": {"contract"}}
    return CFunc(function, (words, types.void), {}, options)


def calls_in(module: Any) -> list[tuple[str, Any]]:
    """What `link` is to be asked for before this code is used."""
    return [_calls[f.name] for f in module.functions if f.is_declaration and f.name in _calls]
