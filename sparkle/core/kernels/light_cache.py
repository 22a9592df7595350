"""Loops read from disk without the compiler's view of them, which takes ten times the memory of their machine code.

Numba reads and parses it with each loop, so that loops compiled later may take the loop in: 30 MB for those of a
ResNet. Here it stays on disk, in a file of its own, and is read for a loop that does take it in.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable
from typing import Any

from llvmlite.binding import parse_assembly, parse_bitcode
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile
from numba.core.codegen import JITCodeLibrary

from .linking import calls_in, link


class LightLibrary(JITCodeLibrary):  # type: ignore[misc]  # numba has no types
    """Machine code that knows where to read what LLVM made of the loop."""

    read: Callable[[], bytes | None]

    def _get_module_for_linking(self) -> Any:
        packed = self.read()
        if packed is None:
            raise RuntimeError(f"the cached code of {self.name} was removed while the program ran; start it again")
        return parse_bitcode(zlib.decompress(packed))


class LightImpl(CompileResultCacheImpl):  # type: ignore[misc]
    """What of a loop is kept on disk, and what is made of it."""

    def reduce(self, cres: Any) -> Any:
        """What is kept: machine code, its names, and what it calls."""
        (name, kind, (code, bitcode)), *rest = super().reduce(cres)
        module = parse_bitcode(bitcode)
        return (name, kind, (code, names_in(module))), *rest, calls_in(module)

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        """The compiled loop."""
        *plain, calls = payload
        for call in calls:
            link(*call)
        return super().rebuild(target_context, plain)


def names_in(module: Any) -> bytes:
    """A module that has all names of another one, and nothing else."""
    lines = [f'define void @"{f.name}"() {{\n  ret void\n}}' for f in module.functions if not f.is_declaration]
    lines += [f'@"{v.name}" = global i8 0' for v in module.global_variables if not v.is_declaration]
    return parse_assembly("\n".join(lines)).as_bitcode()  # type: ignore[no-any-return]


class LightCache(FunctionCache):  # type: ignore[misc]
    """One loop's code on disk. Raises RuntimeError where there is no place to write it."""

    _impl_class = LightImpl

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        locator, name = self._impl.locator, f"{self._impl.filename_base}.view"
        self._views = IndexDataCacheFile(self._cache_path, name, locator.get_source_stamp())

    def _save_overload(self, sig: Any, data: Any) -> None:
        self._impl.locator.ensure_cache_path()
        bitcode = data.library._get_module_for_linking().as_bitcode()
        self._views.save(self._index_key(sig, data.codegen), zlib.compress(bitcode))
        super()._save_overload(sig, data)

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        loop = super()._load_overload(sig, target_context)
        if loop is not None:
            key = self._index_key(sig, target_context.codegen())
            loop.library.__class__, loop.library.read = LightLibrary, functools.partial(self._views.load, key)
        return loop
