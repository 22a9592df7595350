"""Counts of n-grams, longest common subsequences and edit distances of sequences of tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from ...core.tensor.base import TensorBase

__all__ = ["edit_distance", "lcs", "modified_precision", "ngrams"]


def ngrams(sequence: Sequence[Hashable], n: int) -> Counter[tuple[Any, ...]]:
    """How often each run of n tokens occurs. Tokens are anything that can be hashed; a tensor is a sequence of numbers.

    >>> ngrams("abab", 2)
    Counter({('a', 'b'): 2, ('b', 'a'): 1})
    """
    tokens = as_tokens(sequence)
    return Counter(zip(*(tokens[i:] for i in range(n)), strict=False))


def lcs(seq_a: Sequence[Hashable], seq_b: Sequence[Hashable]) -> int:
    """The length of the longest common subsequence; rows of bits at a time (Hyyrö 2004).

    >>> lcs("the cat sat", "the hat sat up")
    10
    """
    seq_a, seq_b = as_tokens(seq_a), as_tokens(seq_b)
    places, full = _places(seq_a), (1 << len(seq_a)) - 1
    row = full  # bit i is 0 where the length grows from the first i to the first i + 1 tokens of a
    for token in seq_b:
        matches = row & places.get(token, 0)
        row = ((row + matches) | (row - matches)) & full
    return len(seq_a) - row.bit_count()


def edit_distance(seq_a: Sequence[Hashable], seq_b: Sequence[Hashable]) -> int:
    """How many insertions, deletions and replacements lead from one to the other (Levenshtein 1966).

    Columns of bits at a time (Myers 1999, Hyyrö 2003).

    >>> edit_distance("kitten", "sitting")
    3
    """
    seq_a, seq_b = as_tokens(seq_a), as_tokens(seq_b)
    if not len(seq_a):
        return len(seq_b)
    places, full, last = _places(seq_a), (1 << len(seq_a)) - 1, 1 << (len(seq_a) - 1)
    distance, up, down = len(seq_a), full, 0  # bits of where the column of distances rises by one, and falls
    for token in seq_b:
        same = places.get(token, 0)
        vertical = same | down
        same = (((same & up) + up) ^ up) | same
        rises, falls = down | ~(same | up), up & same
        distance += bool(rises & last) - bool(falls & last)
        rises, falls = (rises << 1) | 1, falls << 1
        up, down = (falls | ~(vertical | rises)) & full, rises & vertical & full
    return distance


def modified_precision(
    references: Sequence[Sequence[Hashable]], candidate: Sequence[Hashable], n: int
) -> tuple[int, int]:
    """How many n-grams of the candidate occur in a reference, each as often as there at most, and how many it has.

    >>> modified_precision([["the", "cat"], ["a", "cat"]], ["the", "the", "cat"], 1)
    (2, 3)
    """
    counts = ngrams(candidate, n)
    allowed: Counter[tuple[Any, ...]] = Counter()
    for reference in references:
        allowed |= ngrams(reference, n)
    return (counts & allowed).total(), counts.total()


def as_tokens(sequence: Any) -> Any:
    """The sequence, with a tensor's numbers as Python's."""
    return sequence.array.tolist() if isinstance(sequence, TensorBase) else sequence


def _places(sequence: Sequence[Hashable]) -> dict[Hashable, int]:
    """For each token the bits of its places."""
    places: dict[Hashable, int] = {}
    for i, token in enumerate(sequence):
        places[token] = places.get(token, 0) | 1 << i
    return places


def check_as_many(candidates: Sequence[Any], references: Sequence[Any], metric: str) -> None:
    """ValueError where not every candidate has its references."""
    if len(candidates) != len(references):
        raise ValueError(
            f"{metric}: nb of candidates should be equal to nb of reference lists ({len(candidates)} != "
            f"{len(references)})"
        )
