"""Sequences of different lengths in one tensor, padded or packed: `sparkle.nn.utils.rnn`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy

from .. import backend
from ..tensor.base import TensorBase, wrap
from ..tensor.functions.pointwise.unary import check_tensor
from ..tensor.functions.shaping.joining import cat
from ..tensor.making.creation import as_tensor


class _Fields(NamedTuple):
    data: Any
    batch_sizes: Any
    sorted_indices: Any = None
    unsorted_indices: Any = None


class PackedSequence(_Fields):
    """Sequences, longest first, cut into time steps: the rows of all steps below one another, without padding.

    data (rows, ...); batch_sizes: int64 tensor on the CPU, the rows of each step. sorted_indices: where the sequences,
    longest first, came from; unsorted_indices: the way back. Made by `pack_padded_sequence` and `pack_sequence`; every
    recurrent layer takes it and returns one. Raises ValueError without batch_sizes.
    """

    __slots__ = ()

    def __new__(
        cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> PackedSequence:
        if batch_sizes is None:
            if not isinstance(data, (list, tuple)) or len(data) != 2:
                raise AssertionError(f"PackedSequence: without batch_sizes, data must be (data, batch_sizes): {data!r}")
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if backend.device_of(batch_sizes.array)[0] != "cpu":
            raise ValueError(f"batch_sizes should always be on CPU, met {batch_sizes.device}")
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same with `data.to(...)`; itself where that changes nothing."""
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        order = [None if x is None else x.to(data.device) for x in (self.sorted_indices, self.unsorted_indices)]
        return type(self)(data, self.batch_sizes, *order)

    def cpu(self) -> PackedSequence:
        """In host memory."""
        return self.to("cpu")

    def cuda(self, device: Any = None) -> PackedSequence:
        """On a GPU: its number, or the current one."""
        return self.to("cuda" if device is None else device)

    def pin_memory(self) -> PackedSequence:
        """The same with data and indices in memory that CUDA devices read directly."""
        order = [None if x is None else x.pin_memory() for x in (self.sorted_indices, self.unsorted_indices)]
        return type(self)(self.data.pin_memory(), self.batch_sizes, *order)

    def _cast(self, method: str) -> PackedSequence:
        return self.to(getattr(self.data, method)().dtype)

    def double(self) -> PackedSequence:
        """data in float64."""
        return self._cast("double")

    def float(self) -> PackedSequence:
        """data in float32."""
        return self._cast("float")

    def half(self) -> PackedSequence:
        """data in float16."""
        return self._cast("half")

    def long(self) -> PackedSequence:
        """data in int64."""
        return self._cast("long")

    def int(self) -> PackedSequence:
        """data in int32."""
        return self._cast("int")

    def short(self) -> PackedSequence:
        """data in int16."""
        return self._cast("short")

    def char(self) -> PackedSequence:
        """data in int8."""
        return self._cast("char")

    def byte(self) -> PackedSequence:
        """data in uint8."""
        return self._cast("byte")

    @property
    def is_cuda(self) -> bool:
        """Is data on a GPU?"""
        return bool(self.data.is_cuda)

    def is_pinned(self) -> bool:
        """Is data in pinned memory?"""
        return bool(self.data.is_pinned())


def invert_permutation(permutation: Any) -> Any:
    """Where each place went: out[permutation[i]] = i; None for None."""
    return None if permutation is None else wrap(backend.library(permutation.array).argsort(permutation.array))


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack padded sequences (time, batch, ...), or (batch, time, ...) with batch_first, of these lengths.

    enforce_sorted: they already stand longest first; with False they are sorted, and `pad_packed_sequence` undoes it.
    Raises RuntimeError for lengths that are not sorted, below 1, or not one for each sequence.

    >>> import sparkle
    >>> packed = pack_padded_sequence(sparkle.tensor([[1, 2], [3, 0]]), [2, 1], batch_first=True)
    >>> packed.data, packed.batch_sizes
    (tensor([1, 3, 2]), tensor([2, 1]))
    """
    check_tensor(input, "pack_padded_sequence")
    if batch_first:
        input = input.transpose(0, 1)
    counts = _lengths(lengths)
    order = None
    if not enforce_sorted:
        order = numpy.argsort(-counts, kind="stable")
        counts = counts[order]
    if input.ndim < 2:
        raise IndexError(f"pack_padded_sequence: input of shape {tuple(input.shape)} has no dim 1")
    _check_lengths(counts, input)
    present = numpy.arange(min(counts[0], len(input)))[:, None] < counts
    step, place = numpy.nonzero(present)
    rows = step * len(counts) + (place if order is None else order[place])
    data = input.reshape(-1, *input.shape[2:])[_beside(input, rows)]
    sizes = wrap(present.sum(axis=1))
    return PackedSequence(data, sizes, None if order is None else _beside(input, order), None)


def _beside(x: Any, index: Any) -> Any:
    """Indices as a tensor on the device of x."""
    return wrap(backend.library(x.array).asarray(index))


def _lengths(lengths: Any) -> Any:
    """Lengths as int64 on the CPU."""
    counts: Any = lengths if isinstance(lengths, TensorBase) else as_tensor(lengths)
    if counts.array.ndim != 1 or backend.device_of(counts.array)[0] != "cpu":
        raise RuntimeError(
            f"pack_padded_sequence: 'lengths' argument should be a 1D CPU int64 tensor, but got {counts.array.ndim}D "
            f"{counts.device} {counts.dtype}"
        )
    return counts.array.astype("int64")


def _check_lengths(counts: Any, input: Any) -> None:
    steps, batch = input.shape[:2]
    if not input.numel():
        raise RuntimeError("pack_padded_sequence: Cannot pack empty tensors.")
    if len(counts) != batch:
        raise RuntimeError(
            f"pack_padded_sequence: Expected `len(lengths)` to be equal to batch_size, but got {len(counts)} "
            f"(batch_size={batch})"
        )
    if (counts <= 0).any():
        raise RuntimeError(
            f"pack_padded_sequence: Length of all samples has to be greater than 0, but found {counts.min()} in "
            "'lengths'"
        )
    if (counts[1:] > counts[:-1]).any():
        raise RuntimeError(
            f"pack_padded_sequence: `lengths` {counts.tolist()} must be sorted in decreasing order when "
            "`enforce_sorted` is True; with enforce_sorted=False they are sorted here"
        )
    if counts[0] > steps:
        raise RuntimeError(f"pack_padded_sequence: a length of {counts[0]}, but there are {steps} time steps")


def lengths_of(batch_sizes: Any) -> Any:
    """The lengths of packed sequences, longest first, as an array."""
    sizes = batch_sizes.array
    return (sizes[:, None] > numpy.arange(sizes[0])).sum(axis=0)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Any, Any]:
    """(padded sequences, lengths) of packed ones, in the order in which they were packed.

    Padded: (time, batch, ...), or (batch, time, ...) with batch_first. total_length: pad to so many steps, ValueError
    where a sequence is longer.
    """
    sizes, data = sequence.batch_sizes.array, sequence.data
    steps, batch = len(sizes), int(sizes[0])
    if total_length is not None and total_length < steps:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {steps}"
        )
    rows = numpy.full((total_length or steps, batch), len(data))  # the row after the last one is the padding
    lengths = lengths_of(sequence.batch_sizes)
    rows[:steps][numpy.arange(steps)[:, None] < lengths] = numpy.arange(len(data))
    if sequence.unsorted_indices is not None:
        back = backend.to_numpy(sequence.unsorted_indices.array)
        rows, lengths = rows[:, back], lengths[back]
    padding = data.new_full((1, *data.shape[1:]), padding_value)
    padded = cat((data, padding))[_beside(data, rows.T if batch_first else rows)]
    return padded, wrap(lengths)


def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Any:
    """Sequences (length, ...) as one tensor (longest, batch, ...), or (batch, longest, ...) with batch_first.

    padding_side: where the padding_value goes, "right" (behind) or "left". RuntimeError for no sequences.

    >>> import sparkle
    >>> pad_sequence([sparkle.tensor([1, 2]), sparkle.tensor([3])], batch_first=True)
    tensor([[1, 2],
            [3, 0]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    if padding_side not in ("right", "left"):
        raise RuntimeError(f"pad_sequence: Expected padding_side to be one of left or right, but got {padding_side}.")
    parts = list(sequences)
    if not parts:
        raise RuntimeError("pad_sequence: received an empty list of sequences")
    form = parts[0].shape[1:]
    for i, part in enumerate(parts):
        if part.shape[1:] != form:
            raise RuntimeError(f"pad_sequence: sequence {i} is {part.shape}, sequence 0 {parts[0].shape}")
    out = parts[0].new_full((len(parts), max(len(p) for p in parts), *form), padding_value)
    for i, part in enumerate(parts):
        out[i, slice(len(part)) if padding_side == "right" else slice(out.shape[1] - len(part), None)] = part
    return out if batch_first else out.transpose(0, 1)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """The sequences of a padded tensor, each with its own length."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[: int(n)] for row, n in zip(rows, lengths, strict=True)]


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences (length, ...); enforce_sorted: they already stand longest first."""
    lengths = [len(s) for s in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """The sequences of packed ones, in the order in which they were packed."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
