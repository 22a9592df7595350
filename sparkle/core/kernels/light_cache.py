"""Loops read from disk without the compiler's view of them, which takes ten times the memory of their machine code.

Numba parses it with each loop, so that loops compiled later may take the loop in: 30 MB for those of a ResNet. Here it
stays packed, and is parsed for a loop that does take it in.
"""

from __future__ import annotations

import zlib
from typing import Any

from llvmlite.binding import parse_assembly, parse_bitcode
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.codegen import JITCodeLibrary

from .linking import is_apart, link


class LightLibrary(JITCodeLibrary):  # type: ignore[misc]  # numba has no types
    """Machine code, and packed what LLVM made it of."""

    packed: bytes

    def _get_module_for_linking(self) -> Any:
        return parse_bitcode(zlib.decompress(self.packed))


class LightImpl(CompileResultCacheImpl):  # type: ignore[misc]
    """What of a loop is kept on disk, and what is made of it."""

    def reduce(self, cres: Any) -> Any:
        """What is kept: for numba the machine code and its names, and packed the rest."""
        (name, kind, (code, bitcode)), *rest = super().reduce(cres)
        module = parse_bitcode(bitcode)
        calls = [f.name for f in module.functions if f.is_declaration and is_apart(f.name)]
        return (name, kind, (code, names_in(module))), *rest, calls, zlib.compress(bitcode)

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        """The compiled loop."""
        *plain, calls, packed = payload
        link(calls)
        result = super().rebuild(target_context, plain)
        result.library.__class__, result.library.packed = LightLibrary, packed
        return result


def names_in(module: Any) -> bytes:
    """A module that has all names of another one, and nothing else."""
    lines = [f'define void @"{f.name}"() {{\n  ret void\n}}' for f in module.functions if not f.is_declaration]
    lines += [f'@"{v.name}" = global i8 0' for v in module.global_variables if not v.is_declaration]
    return parse_assembly("\n".join(lines)).as_bitcode()  # type: ignore[no-any-return]


class LightCache(FunctionCache):  # type: ignore[misc]
    """One loop's code on disk. Raises RuntimeError where there is no place to write it."""

    _impl_class = LightImpl
