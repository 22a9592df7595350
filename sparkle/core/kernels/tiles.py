"""Products of small matrices inside compiled loops: a tile of the result is kept in vector registers.

BLAS beats this on large matrices, and loses on small ones, where it rearranges an operand for each call, and between
whose calls threads meet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .compiling import machine_code
from .linking import called
from .vector_math import inlined

FLOAT, WORD = ir.FloatType(), ir.IntType(64)
WIDE = "avx512f" in (features := llvmlite.binding.get_host_cpu_features()) and features["avx512f"]
LANES = 16 if WIDE else 8  # floats in a vector register
ROWS = 8 if WIDE else 4  # of a tile; its accumulators and the operands fit 32 registers, or 16
COLUMNS = 2 * LANES  # of a tile
DEEP = 160  # rows of a panel of b, which stays in the first cache
SHORT, LONG = 64, 512  # so few rows of a, and so few of b, do without panels if columns of b lie side by side


def pointer(builder: Any, base: Any, offset: Any, kind: Any) -> Any:
    """The address of a float `offset` floats after `base`."""
    place = builder.add(base, builder.mul(offset, WORD(4)))
    return builder.inttoptr(place, kind.as_pointer())


class Vectors:
    """Instructions on vectors of float32, the last of which may be cut off after `left` numbers."""

    def __init__(self, builder: Any, lanes: int, left: Any = None) -> None:
        self.builder, self.lanes = builder, lanes
        self.kind = ir.VectorType(FLOAT, lanes)
        self.zeros = ir.Constant(self.kind, [0.0] * lanes)
        self.mask = None if left is None else self._first(left)

    def _first(self, left: Any) -> Any:
        """True for the first numbers of a vector."""
        numbers = ir.VectorType(WORD, self.lanes)
        counted = ir.Constant(numbers, list(range(self.lanes)))
        return self.builder.icmp_unsigned("<", counted, self._every(left, numbers))

    def _every(self, number: Any, kind: Any) -> Any:
        lone = self.builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.IntType(32)(0))
        order = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(lone, ir.Constant(kind, ir.Undefined), order)

    def every(self, place: Any) -> Any:
        """The number at an address, in all lanes."""
        return self._every(self.builder.load(place), self.kind)

    def declared(self, name: str, result: Any, kinds: list[Any]) -> Any:
        """One of LLVM's own functions for these vectors."""
        return self.builder.module.declare_intrinsic(name, (), ir.FunctionType(result, kinds))

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """a b + c"""
        return self.builder.call(self.declared(f"llvm.fma.v{self.lanes}f32", self.kind, [self.kind] * 3), [a, b, c])

    def load(self, place: Any) -> Any:
        if self.mask is None:
            found = self.builder.load(place)
            found.align = 4
            return found
        kinds = [place.type, ir.IntType(32), self.mask.type, self.kind]
        body = self.declared(f"llvm.masked.load.v{self.lanes}f32.p0", self.kind, kinds)
        return self.builder.call(body, [place, ir.IntType(32)(4), self.mask, self.zeros])

    def store(self, value: Any, place: Any) -> None:
        if self.mask is None:
            self.builder.store(value, place).align = 4
            return
        kinds = [self.kind, place.type, ir.IntType(32), self.mask.type]
        body = self.declared(f"llvm.masked.store.v{self.lanes}f32.p0", ir.VoidType(), kinds)
        self.builder.call(body, [value, place, ir.IntType(32)(4), self.mask])


def _tile(rows: int, vectors: int, cut: bool = False) -> Any:
    """An intrinsic for c = d + a b with so many rows and vectors of columns; cut: only `left` columns of the one."""
    places = [(r, v) for r in range(rows) for v in range(vectors)]

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        a, a_row, a_column, b, b_row, size, d, d_row, c, c_row, left = arguments
        on = Vectors(builder, LANES, left if cut else None)

        def at(base, row, row_size, v):  # type: ignore[no-untyped-def]
            offset = builder.add(builder.mul(WORD(row), row_size), WORD(v * LANES))
            return pointer(builder, base, offset, on.kind)

        before = builder.block
        given, loop, after = (builder.append_basic_block(name) for name in ("given", "loop", "after"))
        builder.cbranch(builder.icmp_unsigned("!=", d, WORD(0)), given, loop)
        builder.position_at_end(given)
        starts = [on.load(at(d, r, d_row, v)) for r, v in places]
        builder.branch(loop)

        builder.position_at_end(loop)
        step, sums = builder.phi(WORD), [builder.phi(on.kind) for _ in places]
        for phi, start in zip([step, *sums], [WORD(0), *starts], strict=True):
            phi.add_incoming(WORD(0) if phi is step else on.zeros, before)
            phi.add_incoming(start, given)
        base = builder.add(b, builder.mul(builder.mul(step, b_row), WORD(4)))
        across = [on.load(at(base, 0, b_row, v)) for v in range(vectors)]
        down = builder.mul(step, a_column)
        results = []
        for (r, v), total in zip(places, sums, strict=True):
            if v == 0:
                number = on.every(pointer(builder, a, builder.add(builder.mul(WORD(r), a_row), down), FLOAT))
            results.append(on.fma(number, across[v], total))
        following = builder.add(step, WORD(1))
        for phi, result in zip([step, *sums], [following, *results], strict=True):
            phi.add_incoming(result, loop)
        builder.cbranch(builder.icmp_unsigned("<", following, size), loop, after)

        builder.position_at_end(after)
        for (r, v), result in zip(places, results, strict=True):
            on.store(result, at(c, r, c_row, v))
        return context.get_dummy_value()

    @intrinsic
    def tile(typing, a, a_row, a_column, b, b_row, size, d, d_row, c, c_row, left):  # type: ignore[no-untyped-def]
        return types.void(*[types.int64] * 11), generate

    return tile


def _turning(lanes: int) -> Any:
    """An intrinsic that writes the transpose of lanes x lanes floats, by exchanges between pairs of vectors."""
    kind: Any = ir.VectorType(FLOAT, lanes)

    @intrinsic
    def turn(typing, source, source_row, target, target_row):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            source, source_row, target, target_row = arguments
            rows = []
            for r in range(lanes):
                rows.append(builder.load(pointer(builder, source, builder.mul(WORD(r), source_row), kind)))
                rows[r].align = 4
            gap = 1
            while gap < lanes:
                low = [j if not j & gap else lanes + j - gap for j in range(lanes)]
                high = [j + gap if not j & gap else lanes + j for j in range(lanes)]
                chosen = [ir.Constant(ir.VectorType(ir.IntType(32), lanes), order) for order in (low, high)]
                for r in range(lanes):
                    if not r & gap:
                        pair = rows[r], rows[r + gap]
                        rows[r], rows[r + gap] = (builder.shuffle_vector(*pair, order) for order in chosen)
                gap *= 2
            for r in range(lanes):
                place = pointer(builder, target, builder.mul(WORD(r), target_row), kind)
                builder.store(rows[r], place).align = 4
            return context.get_dummy_value()

        return types.void(*[types.int64] * 4), generate

    return turn


def _copying(lanes: int) -> Any:
    """An intrinsic that copies as many floats."""
    kind: Any = ir.VectorType(FLOAT, lanes) if lanes > 1 else FLOAT

    @intrinsic
    def copy(typing, source, target):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            found = builder.load(pointer(builder, arguments[0], WORD(0), kind))
            found.align = 4
            builder.store(found, pointer(builder, arguments[1], WORD(0), kind)).align = 4
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), generate

    return copy


@intrinsic
def FETCH(typing, place):  # type: ignore[no-untyped-def]
    """Have the cache line at an address brought to the second cache; nothing waits for it."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        place, number = pointer(builder, arguments[0], WORD(0), ir.IntType(8)), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        body = builder.module.declare_intrinsic("llvm.prefetch.p0", (), kind)
        builder.call(body, [place, number(0), number(2), number(1)])
        return context.get_dummy_value()

    return types.void(types.int64), generate


def _room(size: int) -> Any:
    """An intrinsic that finds room for so many floats on the thread's own stack: free when the function returns."""

    @intrinsic
    def place(typing):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            with builder.goto_entry_block():
                found = builder.alloca(FLOAT, size)
            found.align = 64
            return builder.ptrtoint(found, WORD)

        return types.int64(), generate

    return place


FULL, HALF, CUT = _tile(ROWS, 2), _tile(ROWS, 1), _tile(ROWS, 1, True)
FULL_ROW, HALF_ROW, CUT_ROW = _tile(1, 2), _tile(1, 1), _tile(1, 1, True)
TURN, COPY, COPY_ONE = _turning(LANES), _copying(COLUMNS), _copying(1)
PANEL = _room(DEEP * COLUMNS)
BAND = 128  # rows of a, if they lie across memory, that are copied to where the first cache holds a tile of them
BAND_ROW = BAND + LANES  # not a power of 2, which would put all of a tile in few places of the cache
BANDS = _room(DEEP * BAND_ROW)


def compiled(function: Callable[..., Any], signature: Any = None) -> Any:
    """Machine code in which a product and a sum may be one instruction; nothing is reordered."""
    return machine_code(function, frozenset({"contract"}), signature)


@inlined
def _rows(wide, a, a_row, a_column, b, b_row, size, d, d_row, c, c_row):  # type: ignore[no-untyped-def]
    """ROWS rows of a product with at most COLUMNS columns."""
    if wide == COLUMNS:
        FULL(a, a_row, a_column, b, b_row, size, d, d_row, c, c_row, 0)
        return
    at = 0
    if wide >= LANES:
        HALF(a, a_row, a_column, b, b_row, size, d, d_row, c, c_row, 0)
        at = 4 * LANES
    if wide % LANES:
        CUT(a, a_row, a_column, b + at, b_row, size, d + at if d else 0, d_row, c + at, c_row, wide % LANES)


@inlined
def _row(wide, a, a_row, a_column, b, b_row, size, d, d_row, c, c_row):  # type: ignore[no-untyped-def]
    """One row."""
    if wide == COLUMNS:
        FULL_ROW(a, a_row, a_column, b, b_row, size, d, d_row, c, c_row, 0)
        return
    at = 0
    if wide >= LANES:
        HALF_ROW(a, a_row, a_column, b, b_row, size, d, d_row, c, c_row, 0)
        at = 4 * LANES
    if wide % LANES:
        CUT_ROW(a, a_row, a_column, b + at, b_row, size, d + at if d else 0, d_row, c + at, c_row, wide % LANES)


@called
def product(m, n, size, a, a_row, a_column, b, b_row, d, d_row, c, c_row):  # type: ignore[no-untyped-def]
    """c (m, n) = d + a (m, size) b (size, n), all float32, given by addresses, and distances in elements.

    Columns of b, c and d lie side by side; d may be c, or 0 for nothing. size is at least 1.
    """
    for j in range(0, n, COLUMNS):
        wide = min(COLUMNS, n - j)
        i = 0
        while i < m:
            start = d + 4 * (i * d_row + j) if d else 0
            left, right, place = a + 4 * i * a_row, b + 4 * j, c + 4 * (i * c_row + j)
            if i + ROWS <= m:
                _rows(wide, left, a_row, a_column, right, b_row, size, start, d_row, place, c_row)
                i += ROWS
            else:
                _row(wide, left, a_row, a_column, right, b_row, size, start, d_row, place, c_row)
                i += 1


@called
def transpose(m, n, x, x_row, y, y_row):  # type: ignore[no-untyped-def]
    """y (n, m) = the transpose of x (m, n), by addresses, and distances of rows in elements."""
    whole_rows, whole_columns = m - m % LANES, n - n % LANES
    for i in range(0, whole_rows, LANES):
        for j in range(0, whole_columns, LANES):
            TURN(x + 4 * (i * x_row + j), x_row, y + 4 * (j * y_row + i), y_row)
    for i in range(m):
        for j in range(whole_columns if i < whole_rows else 0, n):
            COPY_ONE(x + 4 * (i * x_row + j), y + 4 * (j * y_row + i))


@called
def pack(size, n, b, b_row, b_column, panel):  # type: ignore[no-untyped-def]
    """panel (size, COLUMNS) = b (size, n) with n at most COLUMNS; what is right of it in the panel stays."""
    if n == COLUMNS and b_column == 1:
        for i in range(size):
            COPY(b + 4 * i * b_row, panel + 4 * i * COLUMNS)
        return
    i = 0
    if n == COLUMNS and b_row == 1:
        while i + LANES <= size:
            TURN(b + 4 * i, b_column, panel + 4 * i * COLUMNS, COLUMNS)
            TURN(b + 4 * (i + LANES * b_column), b_column, panel + 4 * (i * COLUMNS + LANES), COLUMNS)
            i += LANES
    while i < size:
        for j in range(n):
            COPY_ONE(b + 4 * (i * b_row + j * b_column), panel + 4 * (i * COLUMNS + j))
        i += 1


@inlined
def _copy_row(n, x, y):  # type: ignore[no-untyped-def]
    whole = n - n % COLUMNS
    for i in range(0, whole, COLUMNS):
        COPY(x + 4 * i, y + 4 * i)
    for i in range(whole, n):
        COPY_ONE(x + 4 * i, y + 4 * i)


@called
def multiply(m, n, size, a, a_row, a_column, b, b_row, b_column, d, d_row, c, c_row):  # type: ignore[no-untyped-def]
    """As `product`, for large matrices, b of any strides."""
    if b_column == 1 and (size <= DEEP or (m <= SHORT and size <= LONG)):
        product(m, n, size, a, a_row, a_column, b, b_row, d, d_row, c, c_row)
        return
    panel = PANEL()
    blocks = (size + DEEP - 1) // DEEP
    deep = (size + blocks - 1) // blocks
    start = 0
    while start < size:
        depth = min(deep, size - start)
        for j in range(0, n, COLUMNS):
            wide = min(COLUMNS, n - j)
            pack(depth, wide, b + 4 * (start * b_row + j * b_column), b_row, b_column, panel)
            place = c + 4 * j
            before, before_row = (place, c_row) if start else (d + 4 * j if d else 0, d_row)
            left = a + 4 * start * a_column
            product(m, wide, depth, left, a_row, a_column, panel, COLUMNS, before, before_row, place, c_row)
        start += depth


@called
def multiply_across(m, n, size, a, a_column, b, b_row, b_column, d, c, c_row):  # type: ignore[no-untyped-def]
    """As `multiply` for the transpose of a matrix as a, and a row d or 0: a is read once, in the order of memory."""
    panel, band = PANEL(), BANDS()
    blocks = (size + DEEP - 1) // DEEP
    deep = (size + blocks - 1) // blocks
    for top in range(0, m, BAND):
        rows = min(BAND, m - top)
        for start in range(0, size, deep):
            depth = min(deep, size - start)
            for i in range(depth):
                _copy_row(rows, a + 4 * ((start + i) * a_column + top), band + 4 * i * BAND_ROW)
            for j in range(0, n, COLUMNS):
                wide = min(COLUMNS, n - j)
                pack(depth, wide, b + 4 * (start * b_row + j * b_column), b_row, b_column, panel)
                place = c + 4 * (top * c_row + j)
                before, before_row = (place, c_row) if start else (d + 4 * j if d else 0, 0)
                product(rows, wide, depth, band, 1, BAND_ROW, panel, COLUMNS, before, before_row, place, c_row)


@compiled
def multiply_stack(low, high, m, n, size, starts, a_row, a_column, b_row, b_column, c):  # type: ignore[no-untyped-def]
    """The matrices low..high of a stack; starts: the addresses of those of a and b; c is contiguous."""
    for i in range(low, high):
        a, b, place = starts[i, 0], starts[i, 1], c + 4 * i * m * n
        if b_column == 1:
            product(m, n, size, a, a_row, a_column, b, b_row, 0, 0, place, n)
        else:
            multiply(m, n, size, a, a_row, a_column, b, b_row, b_column, 0, 0, place, n)
