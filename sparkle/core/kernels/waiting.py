"""Looking at a number in memory until another thread changes it, without the Python lock: compiled by numba."""

from __future__ import annotations

from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .compiling import machine_code

INTEL = llvmlite.binding.get_default_triple().startswith(("x86", "i686", "i386"))


@intrinsic
def number_at(typing: Any, address: Any) -> Any:
    """What stands there now; a processor that runs two threads on a core lets the other one go first."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if INTEL:
            pause = builder.module.declare_intrinsic("llvm.x86.sse2.pause", (), ir.FunctionType(ir.VoidType(), []))
            builder.call(pause, [])
        return builder.load_atomic(builder.inttoptr(arguments[0], ir.IntType(64).as_pointer()), "acquire", 8)

    return types.int64(types.int64), generate


@machine_code
def watch(address, seen, times):  # type: ignore[no-untyped-def]
    """Look so many times, or until the number is not `seen` any more."""
    for _ in range(times):
        if number_at(address) != seen:
            break
