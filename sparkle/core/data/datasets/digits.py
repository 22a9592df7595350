"""The 8x8 handwritten digits of the UCI repository, shipped: something real to train on without a download."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy

from ...tensor.making.creation import from_numpy
from ...tensor.tensor import Tensor
from ..dataset import TensorDataset
from .idx import read_idx

FOLDER = Path(__file__).parent / "uci_digits"
SPLITS = ("all", "train", "test")
DARKEST = 16  # each pixel counts the inked ones among 4x4 of the scan


class Digits(TensorDataset):
    """Images and labels of handwritten digits; an item is an (image, label) pair of tensors.

    data: float32 (N, 1, 8, 8), 0 for paper to 1 for ink. targets: int64 (N,). classes: the names "0" to "9".
    """

    classes: ClassVar[list[str]] = [str(digit) for digit in range(10)]

    def __init__(self, data: Tensor, targets: Tensor) -> None:
        super().__init__(data, targets)
        self.data, self.targets = data, targets


def digits(split: str = "all") -> Digits:
    """The 1797 images of the UCI "Optical Recognition of Handwritten Digits" test set (Alpaydin & Kaynak, 1998).

    split: "all" of them in the original order, or "train" (1442) or "test" (355). Every fifth image of each digit is a
    test image, so both parts hold all writers and all digits evenly. Raises ValueError for another split.

    >>> images, labels = digits("train").tensors
    >>> tuple(images.shape), tuple(labels.shape)
    ((1442, 1, 8, 8), (1442,))
    """
    if split not in SPLITS:
        raise ValueError(f"digits: split is {split!r}, wanted one of {', '.join(map(repr, SPLITS))}")
    images = read_idx(FOLDER / "images-idx3-ubyte.gz")
    labels = read_idx(FOLDER / "labels-idx1-ubyte.gz").astype(numpy.int64)
    if split != "all":
        chosen = is_test(labels) == (split == "test")
        images, labels = images[chosen], labels[chosen]
    scaled = numpy.divide(images[:, None], DARKEST, dtype=numpy.float32)
    return Digits(from_numpy(scaled), from_numpy(labels))


def is_test(labels: numpy.ndarray[Any, Any]) -> numpy.ndarray[Any, Any]:
    """True for every fifth sample of each class, counted in order."""
    chosen = numpy.zeros(len(labels), bool)
    for label in numpy.unique(labels):
        chosen[numpy.flatnonzero(labels == label)[4::5]] = True
    return chosen
