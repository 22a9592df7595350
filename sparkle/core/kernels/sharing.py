"""Loops that several threads share without the Python lock: the shares are handed out by compiled code.

A thread that returns to Python between its shares waits there for the others' turns with the lock, and a thread that
waits sleeps: that takes as long as a loop over some ten thousand elements. Here the thread that leads a loop writes
its machine code, its arguments and its size to a board, and the others, which look at the board, come and take shares.

How long it took the others to come tells how far from each other the cores are that the threads run on. Where what one
core writes reaches another late, as between two chips or two parts of one, a small loop takes longer with another
thread than alone, and so does whatever reads its results. Then only one in some small loops is shared, to look again.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .compiling import machine_code
from .linking import code_of, to_be_called
from .vector_math import inlined
from .waiting import INTEL, number_at

WORD = ir.IntType(64)
WORK = ir.FunctionType(ir.IntType(1), [WORD] * 3)  # (arguments, start, stop) -> has it failed?
# Places on a board of int64, in bytes: what several threads write is in cache lines of its own.
OPEN, NEXT, INSIDE, NUMBER = 0, 128, 256, 384
LOOP, ARGUMENTS, TOTAL, SHARE, FAILED = (512 + 8 * i for i in range(5))  # written before a loop is opened
OPENED, FAR, KEPT = (640 + 8 * i for i in range(3))  # the leader's own: when it opened a loop, and see `_keeps`
JOINED = 768  # when the last thread came
FIRST, LAST = 1, 1 << 32  # what NEXT grows by with a share taken from the start, and from the end
DISTANT = 480  # ticks of the clock: 70 to 100 ns is what threads take that share a cache, 230 and more others
SURE, MOST = 3, 4  # so many loops more on which others came late than on which they did not, and where counting ends
SELDOM = 64  # small loops, of which one is shared where cores are far from each other
PATIENCE = 3000  # looks at a number before another thread is let go first


def _at(builder: Any, address: Any, kind: Any = WORD) -> Any:
    return builder.inttoptr(address, kind.as_pointer())


def _storing(order: str) -> Any:
    """An intrinsic that writes a number, in one of LLVM's orders."""

    @intrinsic
    def store(typing: Any, address: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            builder.store_atomic(arguments[1], _at(builder, arguments[0]), order, 8)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), generate

    return store


_note = _storing("release")  # what others read only after something that is `_put` later
_put = _storing("seq_cst")


@intrinsic
def _add(typing: Any, address: Any, value: Any) -> Any:
    """Add to a number at once; gives what stood there before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.atomic_rmw("add", _at(builder, arguments[0]), arguments[1], "seq_cst")

    return types.int64(types.int64, types.int64), generate


@intrinsic
def _get(typing: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_at(builder, arguments[0]), "seq_cst", 8)

    return types.int64(types.int64), generate


@intrinsic
def _ticks(typing: Any) -> Any:
    """The clock that all cores share, in some 0.4 ns; 0 on processors that do not let everybody read it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if not INTEL:
            return WORD(0)
        clock = builder.module.declare_intrinsic("llvm.readcyclecounter", (), ir.FunctionType(WORD, []))
        return builder.call(clock, [])

    return types.int64(), generate


@intrinsic
def _work(typing: Any, loop: Any, arguments: Any, start: Any, stop: Any) -> Any:
    """Call the machine code at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        loop, *given = arguments
        return builder.call(_at(builder, loop, WORK), given)

    return types.boolean(*[types.int64] * 4), generate


def _writing(loop: Any) -> Any:
    """An intrinsic that writes a loop's address, and that of its arguments, to a board."""

    @intrinsic
    def write(typing: Any, board: Any, values: Any) -> Any:
        kinds = (*values, types.int64, types.int64)
        wanted = numba.typeof(loop).get_call_type(typing, kinds, {})

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            board, given = arguments
            convention = context.call_conv
            kind = convention.get_function_type(wanted.return_type, wanted.args)
            code = ir.Function(builder.module, kind, code_of(loop, wanted.args))
            place = cgutils.alloca_once_value(builder, given)
            work = ir.Function(builder.module, WORK, "shares")
            work.linkage = "internal"
            inner = ir.IRBuilder(work.append_basic_block())
            at, start, stop = work.args
            read = inner.load(_at(inner, at, given.type))
            each = [inner.extract_value(read, i) for i in range(len(values))]
            status, _ = convention.call_function(inner, code, wanted.return_type, wanted.args, [*each, start, stop])
            inner.ret(status.is_error)
            for offset, address in ((LOOP, work), (ARGUMENTS, place)):
                number = builder.ptrtoint(address, WORD)
                builder.store_atomic(number, _at(builder, builder.add(board, WORD(offset))), "release", 8)
            return context.get_dummy_value()

        return types.void(types.int64, values), generate

    return write


@inlined
def _take_turns(board, own):  # type: ignore[no-untyped-def]
    """One share after the other, until there is none left.

    own: FIRST for the leader, which begins at the start, LAST for the others, at the end: so from loop to loop each
    has much the same parts of the same arrays in its own cache.
    """
    total, share = _get(board + TOTAL), _get(board + SHARE)
    loop, arguments = _get(board + LOOP), _get(board + ARGUMENTS)
    count = (total + share - 1) // share
    while True:
        taken = _add(board + NEXT, own)
        first, last = taken % LAST, taken // LAST
        if first + last >= count:
            return
        start = share * (first if own == FIRST else count - 1 - last)
        if _work(loop, arguments, start, min(start + share, total)):
            _put(board + FAILED, 1)


@machine_code
def serve(board, posted, seen, looks):  # type: ignore[no-untyped-def]
    """Help with loops until none has come for a while, or the number at `posted` is not `seen` any more."""
    left, last = looks, 0
    while left > 0 and number_at(posted) == seen:
        left -= 1
        number = _get(board + OPEN)
        if number not in (0, last):
            # Who is inside before it is closed is waited for; who finds it closed leaves everything alone.
            _add(board + INSIDE, 1)
            last = _get(board + OPEN)
            if last:
                _note(board + JOINED, _ticks())
                _take_turns(board, LAST)
            _add(board + INSIDE, -1)
            left = looks


@inlined
def _keeps(board):  # type: ignore[no-untyped-def]
    """Should the leader keep a small loop for itself?"""
    opened = _get(board + OPENED)
    if opened:
        _note(board + OPENED, 0)
        took, far = _get(board + JOINED) - opened, _get(board + FAR)
        if took > DISTANT:
            _note(board + FAR, min(far + 1, MOST))
        elif took > 0:  # else nobody has come
            _note(board + FAR, max(far - 1, 0))
    if _get(board + FAR) < SURE:
        return False
    kept = (_get(board + KEPT) + 1) % SELDOM
    _note(board + KEPT, kept)
    return kept != 0


HAS_YIELD = hasattr(os, "sched_yield")
let_go = types.ExternalFunction("sched_yield", types.int32())


def lead(board, small, total, share, *arguments):  # type: ignore[no-untyped-def]
    """Share out the loop that `write` knows: has it failed?"""
    write(board, arguments)  # type: ignore[name-defined]  # noqa: F821 (each loop has its own)
    if _keeps(board) and small:
        return _work(_get(board + LOOP), _get(board + ARGUMENTS), 0, total)
    _note(board + TOTAL, total)
    _note(board + SHARE, share)
    _note(board + NEXT, 0)
    _note(board + FAILED, 0)
    _note(board + OPENED, _ticks())
    _put(board + OPEN, _add(board + NUMBER, 1) + 1)
    _take_turns(board, FIRST)
    _put(board + OPEN, 0)
    looks = 0
    while _get(board + INSIDE):
        number_at(board + INSIDE)  # which pauses
        looks += 1
        if HAS_YIELD and looks % PATIENCE == 0:
            let_go()
    return _get(board + FAILED) != 0


@functools.cache
def leader(loop: Any) -> Callable[..., bool]:
    """lead(board, small, total, share, *arguments) for loop(*arguments, start, stop)."""
    function = FunctionType(lead.__code__, {**globals(), "write": _writing(loop)}, "lead")
    # Numba's cache looks at this file only, and at values in a closure, which are others in each process.
    function.__qualname__ = f"lead_{to_be_called(loop)}"
    return machine_code(function)
