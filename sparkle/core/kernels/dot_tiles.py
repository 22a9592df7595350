"""Products of matrices whose rows are multiplied with rows, a bᵀ, as blocks of sums along them in vector registers.

Nothing is rearranged, which for few rows takes as long as the products themselves.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .linking import called
from .tiles import FLOAT, LANES, WIDE, WORD, Vectors, pointer

ROWS = 4  # of a block
COLUMNS = 4 if WIDE else 2  # of a block; its sums and the operands fit 32 registers, or 16
QUAD = 4  # sums that are folded together


def _chosen(builder: Any, a: Any, b: Any, order: list[int]) -> Any:
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), len(order)), order))


def _paired(builder: Any, a: Any, b: Any, wide: int) -> Any:
    """Sums of groups of so many lanes with the next group, those of a and of b in turns."""
    first = [of + start + lane for start in range(0, LANES, 2 * wide) for of in (0, LANES) for lane in range(wide)]
    return builder.fadd(_chosen(builder, a, b, first), _chosen(builder, a, b, [lane + wide for lane in first]))


def _folded(builder: Any, four: list[Any]) -> Any:
    """The sums of the lanes of four vectors, as a vector of four. Each depends on its own vector only."""
    left, right = _paired(builder, four[0], four[1], 1), _paired(builder, four[2], four[3], 1)
    total, lanes = _paired(builder, left, right, 2), LANES
    while lanes > QUAD:
        lanes //= 2
        halves = [*range(lanes)], [*range(lanes, 2 * lanes)]
        total = builder.fadd(*(_chosen(builder, total, total, half) for half in halves))
    return total


def _block(rows: int, columns: int) -> Any:
    """An intrinsic for c = d + a bᵀ with so many rows of a and of b."""
    places = [(r, v) for r in range(rows) for v in range(columns)]

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        a, a_row, b, b_row, size, d, c, c_row = arguments
        whole = Vectors(builder, LANES)

        def products(on: Any, step: Any, sums: list[Any]) -> list[Any]:
            """The sums with the products of the next numbers of every row."""

            def of(base: Any, row: Any, row_size: Any) -> Any:
                return on.load(pointer(builder, base, builder.add(builder.mul(WORD(row), row_size), step), on.kind))

            left, right = [of(a, r, a_row) for r in range(rows)], [of(b, v, b_row) for v in range(columns)]
            return [on.fma(left[r], right[v], total) for (r, v), total in zip(places, sums, strict=True)]

        before = builder.block
        loop, rest, cut, after = (builder.append_basic_block(name) for name in ("loop", "rest", "cut", "after"))
        full = builder.and_(size, WORD(-LANES))
        builder.cbranch(builder.icmp_unsigned(">", full, WORD(0)), loop, rest)

        builder.position_at_end(loop)
        step, sums = builder.phi(WORD), [builder.phi(whole.kind) for _ in places]
        results, following = products(whole, step, sums), builder.add(step, WORD(LANES))
        for phi, result in zip([step, *sums], [following, *results], strict=True):
            phi.add_incoming(WORD(0) if phi is step else whole.zeros, before)
            phi.add_incoming(result, loop)
        builder.cbranch(builder.icmp_unsigned("<", following, full), loop, rest)

        builder.position_at_end(rest)
        sums = [builder.phi(whole.kind) for _ in places]
        for phi, result in zip(sums, results, strict=True):
            phi.add_incoming(whole.zeros, before)
            phi.add_incoming(result, loop)
        builder.cbranch(builder.icmp_unsigned("<", full, size), cut, after)

        builder.position_at_end(cut)
        last = products(Vectors(builder, LANES, builder.sub(size, full)), full, sums)
        builder.branch(after)

        builder.position_at_end(after)
        totals = [builder.phi(whole.kind) for _ in places]
        for phi, early, late in zip(totals, sums, last, strict=True):
            phi.add_incoming(early, rest)
            phi.add_incoming(late, cut)
        _store(builder, rows, columns, totals, d, c, c_row)
        return context.get_dummy_value()

    @intrinsic
    def block(typing, a, a_row, b, b_row, size, d, c, c_row):  # type: ignore[no-untyped-def]
        return types.void(*[types.int64] * 8), generate

    return block


def _store(builder: Any, rows: int, columns: int, totals: list[Any], d: Any, c: Any, c_row: Any) -> None:
    """Write the sums of each row, with what is to be added to them."""
    kind: Any = ir.VectorType(FLOAT, columns) if columns > 1 else FLOAT
    zeros = ir.Constant(kind, [0.0] * columns if columns > 1 else 0.0)
    before = builder.block
    given, after = builder.append_basic_block("given"), builder.append_basic_block("store")
    builder.cbranch(builder.icmp_unsigned("!=", d, WORD(0)), given, after)
    builder.position_at_end(given)
    bias = builder.load(pointer(builder, d, WORD(0), kind))
    bias.align = 4
    builder.branch(after)
    builder.position_at_end(after)
    start = builder.phi(kind)
    start.add_incoming(zeros, before)
    start.add_incoming(bias, given)
    for r in range(rows):
        mine = totals[r * columns : (r + 1) * columns]
        sums = _folded(builder, [*mine, *[mine[0]] * (QUAD - columns)])
        if columns == 1:
            sums = builder.extract_element(sums, ir.IntType(32)(0))
        elif columns < QUAD:
            sums = _chosen(builder, sums, sums, [*range(columns)])
        place = pointer(builder, c, builder.mul(WORD(r), c_row), kind)
        builder.store(builder.fadd(sums, start), place).align = 4


BLOCK, ROW, COLUMN, ONE = (_block(r, v) for r, v in ((ROWS, COLUMNS), (1, COLUMNS), (ROWS, 1), (1, 1)))


@called
def multiply_rows(m, n, size, a, a_row, b, b_row, d, c, c_row):  # type: ignore[no-untyped-def]
    """c (m, n) = d (n) + a (m, size) bᵀ (n, size), float32, by addresses and distances of rows; d: 0 for nothing."""
    even_rows, even_columns = m - m % ROWS, n - n % COLUMNS
    for j in range(0, even_columns, COLUMNS):
        right, start, place = b + 4 * j * b_row, d + 4 * j if d else 0, c + 4 * j
        for i in range(0, even_rows, ROWS):
            BLOCK(a + 4 * i * a_row, a_row, right, b_row, size, start, place + 4 * i * c_row, c_row)
        for i in range(even_rows, m):
            ROW(a + 4 * i * a_row, a_row, right, b_row, size, start, place + 4 * i * c_row, c_row)
    for j in range(even_columns, n):
        right, start, place = b + 4 * j * b_row, d + 4 * j if d else 0, c + 4 * j
        for i in range(0, even_rows, ROWS):
            COLUMN(a + 4 * i * a_row, a_row, right, b_row, size, start, place + 4 * i * c_row, c_row)
        for i in range(even_rows, m):
            ONE(a + 4 * i * a_row, a_row, right, b_row, size, start, place + 4 * i * c_row, c_row)
