"""Metrics of texts, made of random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

import sparkle
from sparkle.metrics import nlp

from .example import Arrays, N, example

WORDS = "the a cat dog sat on mat".split()


def numbers_of_words(random: np.random.Generator) -> Arrays:
    """Of a prediction and two references, that begin alike."""
    words = random.integers(0, len(WORDS), size=(N, 3, 9))
    words[:, 1:, :5] = words[:, :1, :5]
    return (words,)


def tokens(numbers: sparkle.Tensor) -> list[list[list[str]]]:
    return [[[WORDS[i] for i in words] for words in texts] for texts in numbers.tolist()]


def with_references(numbers: sparkle.Tensor) -> Any:
    return [first for first, *_ in tokens(numbers)], [others for _, *others in tokens(numbers)]


def texts(numbers: sparkle.Tensor) -> Any:
    return [" ".join(first) for first, *_ in tokens(numbers)], [" ".join(second) for _, second, _ in tokens(numbers)]


def scores(random: np.random.Generator) -> Arrays:
    return random.normal(size=(N, 5, 3)).astype("float32"), random.integers(0, 5, size=(N, 3))


for kind in (nlp.RougeL, nlp.Rouge):
    example(lambda k=kind: k(), numbers_of_words, output=with_references)
example(lambda: nlp.RougeN(2), numbers_of_words, output=with_references)
for average in ("macro", "micro"):
    example(lambda a=average: nlp.Bleu(2, average=a), numbers_of_words, average, with_references)
for kind in (nlp.CharacterErrorRate, nlp.WordErrorRate, nlp.ChrF):
    example(lambda k=kind: k(), numbers_of_words, output=texts)
example(lambda: nlp.Perplexity(), scores)
