"""Machine code for blocks of vectors, from which `convolution_loops` and `winograd_loops` are built.

LLVM's own vectorizer keeps neither a block of sums in registers nor a tile's transform free of checks whether arrays
overlap, so these three are written as instructions: a block of a matrix product, a small matrix applied on both sides
of tiles, and a square of numbers transposed. All take addresses (bytes) and distances (elements) of float32.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from llvmlite.binding import get_host_cpu_features

from .linking import WORD, apart, function

LANES = 16
# Rows and vectors of a block of sums: as many as the processor's registers hold.
MOST_ROWS, MOST_VECTORS = (14, 2) if get_host_cpu_features().get("avx512f") else (6, 1)

INDEX = ir.IntType(32)
FLOAT = ir.FloatType()
VECTOR = ir.VectorType(FLOAT, LANES)
FUSED = ("contract",)  # a product and a sum may be one instruction

Matrix = Sequence[Sequence[float]]


def number(value: int) -> Any:
    """A constant of 64 bits."""
    return ir.Constant(WORD, value)


def at(b: Any, address: Any, offset: Any) -> Any:
    """The pointer to an element."""
    return b.gep(b.inttoptr(address, FLOAT.as_pointer()), [offset])


def load(b: Any, address: Any, offset: Any) -> Any:
    """The vector that begins at an element."""
    return b.load(b.bitcast(at(b, address, offset), VECTOR.as_pointer()), align=4)


def store(b: Any, vector: Any, address: Any, offset: Any) -> None:
    """Write a vector so that it begins at an element."""
    b.store(vector, b.bitcast(at(b, address, offset), VECTOR.as_pointer()), align=4)


def shuffled(b: Any, x: Any, y: Any, lanes: Sequence[int]) -> Any:
    """These lanes of x and, from LANES on, of y."""
    return b.shuffle_vector(x, y, ir.Constant(ir.VectorType(INDEX, LANES), list(lanes)))


def filled(b: Any, value: Any) -> Any:
    """A vector of one value."""
    nothing = ir.Constant(VECTOR, ir.Undefined)
    return shuffled(b, b.insert_element(nothing, value, ir.Constant(INDEX, 0)), nothing, [0] * LANES)


def times(b: Any, factor: float, x: Any) -> Any:
    """A vector times a constant."""
    return x if factor == 1 else b.fmul(x, ir.Constant(VECTOR, [factor] * LANES), flags=FUSED)


class Loop:
    """A loop that runs at least once: `with Loop(b, count, words, vectors) as loop`, then `loop.next(...)`."""

    def __init__(self, b: Any, count: Any, words: Sequence[Any] = (), vectors: Sequence[Any] = ()) -> None:
        before = b.block
        self.b, self.count = b, count
        self.head = b.append_basic_block("loop")
        b.branch(self.head)
        b.position_at_end(self.head)
        self.turn, self.words = b.phi(WORD), [b.phi(WORD) for _ in words]
        self.vectors = [b.phi(VECTOR) for _ in vectors]
        self._enter(before, number(0), words, vectors)

    def _enter(self, block: Any, turn: Any, words: Sequence[Any], vectors: Sequence[Any]) -> None:
        for phi, value in zip((self.turn, *self.words, *self.vectors), (turn, *words, *vectors), strict=True):
            phi.add_incoming(value, block)

    def next(self, words: Sequence[Any] = (), vectors: Sequence[Any] = ()) -> None:
        """Go round again with these values, or on behind the loop."""
        b = self.b
        turn = b.add(self.turn, number(1))
        self._enter(b.block, turn, words, vectors)
        after = b.append_basic_block("after")
        b.cbranch(b.icmp_signed("<", turn, self.count), self.head, after)
        b.position_at_end(after)


def write_block(rows: int, vectors: int) -> Callable[[Any, Any], None]:
    """The product of so many rows with so many vectors of columns, summed in registers.

    c[to[i] + :] = start[keep to[i] + :] + sum over j < points, k < depth of
                   a[from[i] + points_at[j] + k step] b[columns_at[j] + k across + :]
    """

    def write(b: Any, arguments: Any) -> None:
        c, to, start, keep, a, rows_at, points_at, step, columns, columns_at, across, points, depth = arguments
        offsets = [_entry(b, to, number(i)) for i in range(rows)]
        sums = [
            load(b, start, b.add(b.mul(offsets[i], keep), number(LANES * v)))
            for i in range(rows)
            for v in range(vectors)
        ]
        froms = [_entry(b, rows_at, number(i)) for i in range(rows)]
        outer = Loop(b, points, [], sums)
        inner = Loop(b, depth, [_entry(b, table, outer.turn) for table in (points_at, columns_at)], outer.vectors)
        place, row = inner.words
        right = [load(b, columns, b.add(row, number(LANES * v))) for v in range(vectors)]
        first = at(b, a, place)
        new = []
        for i in range(rows):
            left = filled(b, b.load(b.gep(first, [froms[i]]), align=4))
            for v in range(vectors):
                sum_ = inner.vectors[i * vectors + v]
                new.append(b.fadd(sum_, b.fmul(left, right[v], flags=FUSED), flags=FUSED))
        inner.next([b.add(place, step), b.add(row, across)], new)
        outer.next([], new)
        for n, value in enumerate(new):
            store(b, value, c, b.add(offsets[n // vectors], number(LANES * (n % vectors))))
        b.ret_void()

    return write


def _entry(b: Any, table: Any, i: Any) -> Any:
    """A number of a table."""
    return b.load(b.gep(b.inttoptr(table, WORD.as_pointer()), [i]), align=8)


def write_any_block(b: Any, arguments: Any) -> None:
    """`write_block` for the numbers of rows and vectors that come first."""
    rows, vectors, *rest = arguments
    every = itertools.product(range(1, MOST_ROWS + 1), range(1, MOST_VECTORS + 1))
    bodies = {r * (MOST_VECTORS + 1) + v: (f"sparkle_block_{r}_{v}", write_block(r, v)) for r, v in every}
    chosen(b, b.add(b.mul(rows, number(MOST_VECTORS + 1)), vectors), bodies, rest)


def chosen(b: Any, which: Any, bodies: dict[int, tuple[str, Callable[[Any, Any], None]]], arguments: Any) -> None:
    """Call the function with that number, of (name, how it is written), and return."""
    end = b.append_basic_block("end")
    choice = b.switch(which, end)
    for value, (name, write) in bodies.items():
        block = b.append_basic_block()
        choice.add_case(number(value), block)
        with b.goto_block(block):
            b.call(function(b.module, name, len(arguments), write), arguments)
            b.branch(end)
    b.position_at_end(end)
    b.ret_void()


multiply_block = apart("sparkle_multiply_block", 15, write_any_block)


def linear(b: Any, matrix: Matrix, xs: Sequence[Any]) -> list[Any]:
    """matrix @ xs for vectors; what two columns or two rows share but for the sign is computed once."""
    for pair in _pairs(list(zip(*matrix, strict=True))):
        i, j = pair
        both = b.fadd(xs[i], xs[j], flags=FUSED), b.fsub(xs[i], xs[j], flags=FUSED)
        return _columns_folded(b, matrix, xs, pair, both)
    out: list[Any] = [None] * len(matrix)
    for i, j in _pairs(matrix):
        same = [p if p == q else 0.0 for p, q in zip(matrix[i], matrix[j], strict=True)]
        other = [p if p != q else 0.0 for p, q in zip(matrix[i], matrix[j], strict=True)]
        even, odd = _row(b, same, xs), _row(b, other, xs)
        out[i], out[j] = b.fadd(even, odd, flags=FUSED), b.fsub(even, odd, flags=FUSED)
    return [_row(b, row, xs) if made is None else made for row, made in zip(matrix, out, strict=True)]


def _columns_folded(b: Any, matrix: Matrix, xs: Sequence[Any], pair: tuple[int, int], both: tuple[Any, Any]) -> Any:
    """`linear` with the sum and the difference of two of the vectors in their places."""
    i, j = pair
    folded = []
    for row in matrix:
        new = list(row)
        new[i], new[j] = (row[i], 0.0) if row[i] == row[j] else (0.0, row[i])
        folded.append(new)
    ys = list(xs)
    ys[i], ys[j] = both
    return linear(b, folded, ys)


def _pairs(rows: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Neighbours that differ in the sign of some elements and share at least two that are not 0."""
    found = []
    for i in range(len(rows) - 1):
        p, q = rows[i], rows[i + 1]
        alike = all(abs(x) == abs(y) for x, y in zip(p, q, strict=True))
        if alike and sum(x != 0 for x in p) > 1 and tuple(p) != tuple(q):
            found.append((i, i + 1))
    return found


def _row(b: Any, row: Sequence[float], xs: Sequence[Any]) -> Any:
    """The sum of factors times vectors; factors of 1 come first, so that the others are fused with their sum."""
    terms = sorted(
        ((f, x) for f, x in zip(row, xs, strict=True) if f), key=lambda term: (abs(term[0]) != 1, term[0] < 0)
    )
    if not terms:
        return ir.Constant(VECTOR, [0.0] * LANES)
    total = times(b, terms[0][0], terms[0][1])
    for factor, x in terms[1:]:
        total = b.fsub(total, x, flags=FUSED) if factor == -1 else b.fadd(total, times(b, factor, x), flags=FUSED)
    return total


def tile_transform(name: str, matrix: Matrix) -> Any:
    """The call that makes matrix @ tile @ matrix.T of a tile of vectors, for `count` vectors one behind the other.

    (to, to_rows, to_columns, of, of_rows, of_columns, count): where a tile's first element lies and how far away its
    next row and column do.
    """

    def write(b: Any, arguments: Any) -> None:
        to, to_rows, to_columns, of, of_rows, of_columns, count = arguments
        size, n = len(matrix[0]), len(matrix)
        loop = Loop(b, count, [number(0)])
        start = loop.words[0]
        place = [[_place(b, start, i, of_rows, j, of_columns) for j in range(size)] for i in range(size)]
        columns = [linear(b, matrix, [load(b, of, place[i][j]) for i in range(size)]) for j in range(size)]
        for i in range(n):
            for j, value in enumerate(linear(b, matrix, [columns[k][i] for k in range(size)])):
                store(b, value, to, _place(b, start, i, to_rows, j, to_columns))
        loop.next([b.add(start, number(LANES))])
        b.ret_void()

    return apart(f"sparkle_tile_{name}", 7, write)


def _place(b: Any, start: Any, i: int, rows: Any, j: int, columns: Any) -> Any:
    return b.add(start, b.add(b.mul(rows, number(i)), b.mul(columns, number(j))))


def write_transpose(b: Any, arguments: Any) -> None:
    """Rows 0 to 15 of `of` as columns of `to`."""
    to, to_rows, of, of_rows = arguments
    rows = [load(b, of, b.mul(of_rows, number(i))) for i in range(LANES)]
    half = LANES // 2
    while half:
        for i in range(LANES):
            if not i & half:
                x, y = rows[i], rows[i + half]
                low = [k if not k & half else k - half + LANES for k in range(LANES)]
                high = [k + half if not k & half else k + LANES for k in range(LANES)]
                rows[i], rows[i + half] = shuffled(b, x, y, low), shuffled(b, x, y, high)
        half //= 2
    for i, row in enumerate(rows):
        store(b, row, to, b.mul(to_rows, number(i)))
    b.ret_void()


transpose_square = apart("sparkle_transpose_square", 4, write_transpose)


def write_parted(taps: int) -> Callable[[Any, Any], None]:
    """Of LANES times `taps` numbers each `taps`-th one, from the first, the second, ... on: `count` times. taps is odd.

    (to, to_taps, to_next, of, of_next, count): how far apart the parts lie, and what is written and read by turns. The
    LANES numbers of a part lie in as many different lanes, so they are gathered first and then put in order.
    """

    def write(b: Any, arguments: Any) -> None:
        to, to_taps, to_next, of, of_next, count = arguments
        loop = Loop(b, count, [number(0), number(0)])
        target, source = loop.words
        xs = [load(b, of, b.add(source, number(LANES * i))) for i in range(taps)]
        for t in range(taps):
            places = [divmod(c * taps + t, LANES) for c in range(LANES)]
            vector = {lane: i for i, lane in places}
            made = xs[places[0][0]]
            for i in sorted({i for i, _ in places} - {places[0][0]}):
                made = shuffled(b, made, xs[i], [k + LANES * (vector[k] == i) for k in range(LANES)])
            made = shuffled(b, made, made, [lane for _, lane in places])
            store(b, made, to, b.add(target, b.mul(to_taps, number(t))))
        loop.next([b.add(target, to_next), b.add(source, of_next)])
        b.ret_void()

    return write


PARTED = (1, 3, 5, 7, 9)  # taps for which there is `part`


def write_any_parted(b: Any, arguments: Any) -> None:
    """`write_parted` for the number of taps that comes first."""
    taps, *rest = arguments
    chosen(b, taps, {n: (f"sparkle_parted_{n}", write_parted(n)) for n in PARTED}, rest)


part = apart("sparkle_part", 7, write_any_parted)
