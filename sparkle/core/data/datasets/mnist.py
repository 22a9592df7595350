"""MNIST and FashionMNIST from their idx files in a folder. Nothing is downloaded."""

from __future__ import annotations

import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy

from ...tensor.making.creation import from_numpy
from ...tensor.tensor import Tensor
from ..dataset import Dataset
from .idx import read_idx


class MNIST(Dataset):
    """Handwritten digits, 28x28: 60,000 to train and 10,000 to test (LeCun, Cortes & Burges, 1998).

    root: the folder that holds the four idx files, gzipped or not, or whose `MNIST/raw` does, as torchvision lays them
    out. train: which two of the files. transform, target_transform: applied to image and label when an item is taken.
    download is there for scripts that pass it: with the files in place it changes nothing.

    An item is (image, label): a float32 tensor (1, 28, 28) from 0 to 1, and an int. `data` is the uint8 tensor
    (N, 28, 28) as stored, `targets` the int64 tensor (N,). Raises RuntimeError, naming the files and the folders, when
    a file is missing; ValueError when one is damaged or images and labels do not fit together.
    """

    classes: ClassVar[list[str]] = [
        "0 - zero", "1 - one", "2 - two", "3 - three", "4 - four",
        "5 - five", "6 - six", "7 - seven", "8 - eight", "9 - nine",
    ]  # fmt: skip

    def __init__(
        self,
        root: str | Path,
        train: bool = True,
        transform: Callable[[Tensor], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
        download: bool = False,
    ) -> None:
        self.root, self.train = Path(root), train
        self.transform, self.target_transform = transform, target_transform
        images, labels = self._read(download)
        self.data, self.targets = from_numpy(images), from_numpy(labels)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        index = operator.index(index)
        # Read from the public tensors, so that a script which shortens `data` and `targets` gets what it asks for.
        pixels, label = self.data.numpy()[index], int(self.targets.numpy()[index])
        image = from_numpy(numpy.divide(pixels[None], 255, dtype=numpy.float32))
        return _applied(self.transform, image), _applied(self.target_transform, label)

    def __repr__(self) -> str:
        lines = [f"Number of datapoints: {len(self)}", f"Root location: {self.root}"]
        lines.append(f"Split: {'Train' if self.train else 'Test'}")
        return "\n    ".join([f"Dataset {type(self).__name__}", *lines])

    @property
    def class_to_idx(self) -> dict[str, int]:
        """From the name of a class to its number."""
        return {name: number for number, name in enumerate(self.classes)}

    def _read(self, download: bool) -> tuple[numpy.ndarray[Any, Any], numpy.ndarray[Any, Any]]:
        part = "train" if self.train else "t10k"
        paths = self._find([f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"], download)
        images, labels = (read_idx(path) for path in paths)
        self._check(images, "images", paths[0], 3)
        self._check(labels, "labels", paths[1], 1)
        if len(images) != len(labels):
            raise ValueError(
                f"{type(self).__name__}: {len(images)} images in {paths[0]}, but {len(labels)} labels in {paths[1]}"
            )
        if labels.size and labels.max() >= len(self.classes):
            raise ValueError(
                f"{type(self).__name__}: {paths[1]} has a label {labels.max()}, wanted 0 to {len(self.classes) - 1}"
            )
        return images, labels.astype(numpy.int64)

    def _find(self, names: list[str], download: bool) -> list[Path]:
        """The file of each name; all that are missing are named in one error."""
        folders = [self.root, self.root / type(self).__name__ / "raw"]
        found = {name: _first(folders, name) for name in names}
        missing = [name for name, path in found.items() if path is None]
        if missing:
            raise RuntimeError(
                f"{type(self).__name__}: no {' and no '.join(missing)} (or the same with .gz) "
                f"in {' or in '.join(map(str, folders))}: put the files there"
                + ("; download=True is not supported, Sparkle never downloads" if download else "")
            )
        return [path for path in found.values() if path is not None]

    def _check(self, array: numpy.ndarray[Any, Any], what: str, path: Path, dimensions: int) -> None:
        if array.ndim != dimensions or array.dtype != numpy.uint8:
            raise ValueError(
                f"{type(self).__name__}: {path} holds {array.dtype} of shape {array.shape}, "
                f"wanted {what}: uint8 with {dimensions} dimension{'s' if dimensions > 1 else ''}"
            )


class FashionMNIST(MNIST):
    """Zalando's articles of clothing, in MNIST's format and numbers (Xiao, Rasul & Vollgraf, 2017).

    As `MNIST`; torchvision's folder is `FashionMNIST/raw`.
    """

    classes: ClassVar[list[str]] = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]  # fmt: skip


def _applied(transform: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if transform is None else transform(value)


def _first(folders: list[Path], name: str) -> Path | None:
    """The first file of that name; some copies of the files have a dot before idx."""
    spellings = [name, name.replace("-idx", ".idx")]
    paths = (folder / f"{spelling}{end}" for folder in folders for spelling in spellings for end in ("", ".gz"))
    return next((path for path in paths if path.is_file()), None)
