"""The shipped digits, and MNIST's files in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

import sparkle
from sparkle.data import DataLoader, random_split
from sparkle.data.datasets import MNIST, FashionMNIST, digits, write_idx


def test_digits_are_what_scikit_learn_has() -> None:
    everything = digits()
    assert len(everything) == 1797
    assert everything.data.dtype == sparkle.float32
    assert everything.targets.dtype == sparkle.int64
    assert tuple(everything.data.shape) == (1797, 1, 8, 8)
    pixels = everything.data.numpy() * 16
    # Sums taken from sklearn.datasets.load_digits(): any changed, moved or lost number changes one of them.
    assert pixels.sum() == 561718
    assert (pixels.reshape(1797, 64) * numpy.arange(1, 65)).sum(dtype=float) == 18222371
    assert (pixels.sum((1, 2, 3)) * numpy.arange(1, 1798)).sum(dtype=float) == 503904265
    assert (everything.targets.numpy() * numpy.arange(1, 1798)).sum() == 7272861
    assert numpy.bincount(everything.targets.numpy()).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_digits_items() -> None:
    image, label = digits()[0]
    assert image[0, 0].tolist() == [0, 0, 5 / 16, 13 / 16, 9 / 16, 1 / 16, 0, 0]
    assert label.item() == 0


def test_digits_splits_are_disjoint_and_even() -> None:
    train, test = digits("train"), digits(split="test")
    assert (len(train), len(test)) == (1442, 355)
    assert set(numpy.bincount(test.targets.numpy())) <= {34, 35, 36}
    both = numpy.concatenate([train.data.numpy(), test.data.numpy()]).reshape(1797, 64)
    numpy.testing.assert_array_equal(
        numpy.unique(both, axis=0), numpy.unique(digits().data.numpy().reshape(1797, 64), axis=0)
    )


def test_digits_refuse_another_split() -> None:
    with pytest.raises(ValueError, match="split is 'valid', wanted one of 'all', 'train', 'test'"):
        digits("valid")


def test_digits_with_split_and_loader() -> None:
    train, test = random_split(digits(), [1500, 297])
    images, labels = next(iter(DataLoader(train, batch_size=32)))
    assert tuple(images.shape) == (32, 1, 8, 8)
    assert tuple(labels.shape) == (32,)
    assert len(test) == 297


# ---------------------------------------------------------------- MNIST

IMAGES = numpy.arange(4 * 28 * 28).reshape(4, 28, 28).astype("u1")
LABELS = numpy.array([3, 0, 9, 1], "u1")


def write(folder: Path, part: str = "train", end: str = "", images=IMAGES, labels=LABELS) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_idx(folder / f"{part}-images-idx3-ubyte{end}", images)
    write_idx(folder / f"{part}-labels-idx1-ubyte{end}", labels)


@pytest.mark.parametrize("dataset", [MNIST, FashionMNIST])
@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("layout", [".", "{name}/raw"])
@pytest.mark.parametrize("train", [True, False])
def test_reads_every_layout(tmp_path: Path, dataset: type[MNIST], end: str, layout: str, train: bool) -> None:
    write(tmp_path / layout.format(name=dataset.__name__), "train" if train else "t10k", end)
    data = dataset(str(tmp_path), train=train)
    assert len(data) == 4
    numpy.testing.assert_array_equal(data.data.numpy(), IMAGES, strict=True)
    numpy.testing.assert_array_equal(data.targets.numpy(), LABELS.astype("i8"), strict=True)


def test_reads_names_with_a_dot(tmp_path: Path) -> None:
    write_idx(tmp_path / "train-images.idx3-ubyte", IMAGES)
    write_idx(tmp_path / "train-labels.idx1-ubyte", LABELS)
    assert len(MNIST(tmp_path)) == 4


def test_item(tmp_path: Path) -> None:
    write(tmp_path)
    image, label = MNIST(tmp_path)[2]
    assert image.dtype == sparkle.float32
    numpy.testing.assert_array_equal(image.numpy(), (IMAGES[2:3] / numpy.float32(255)).astype("f4"))
    assert type(label) is int
    assert label == 9
    assert MNIST(tmp_path)[-1][1] == 1
    assert MNIST(tmp_path)[sparkle.tensor(2)][1] == 9


@pytest.mark.parametrize(("index", "error"), [(4, IndexError), (-5, IndexError), (1.0, TypeError)])
def test_refuses_an_index(tmp_path: Path, index: object, error: type[Exception]) -> None:
    write(tmp_path)
    with pytest.raises(error):
        MNIST(tmp_path)[index]


def test_transforms(tmp_path: Path) -> None:
    write(tmp_path)
    data = MNIST(tmp_path, transform=lambda image: image.sum().item(), target_transform=lambda label: -label)
    total, label = data[0]
    assert total == pytest.approx(IMAGES[0].sum() / 255)
    assert label == -3


def test_shortened_by_its_tensors(tmp_path: Path) -> None:
    write(tmp_path)
    data = MNIST(tmp_path)
    data.data, data.targets = data.data[1:3], data.targets[1:3]
    assert len(data) == 2
    assert [label for _, label in (data[0], data[1])] == [0, 9]


def test_batches(tmp_path: Path) -> None:
    write(tmp_path)
    images, labels = next(iter(DataLoader(MNIST(tmp_path), batch_size=4)))
    assert tuple(images.shape) == (4, 1, 28, 28)
    assert labels.tolist() == [3, 0, 9, 1]
    assert labels.dtype == sparkle.int64


def test_iterates_to_its_end(tmp_path: Path) -> None:
    write(tmp_path)
    assert [label for _, label in MNIST(tmp_path)] == [3, 0, 9, 1]


def test_names_and_repr(tmp_path: Path) -> None:
    write(tmp_path)
    assert MNIST(tmp_path).class_to_idx["7 - seven"] == 7
    assert FashionMNIST(tmp_path).classes[9] == "Ankle boot"
    expected = f"Dataset MNIST\n    Number of datapoints: 4\n    Root location: {tmp_path}\n    Split: Train"
    assert repr(MNIST(tmp_path)) == expected


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError) as caught:
        FashionMNIST(tmp_path, train=False)
    message = str(caught.value)
    assert "no t10k-images-idx3-ubyte and no t10k-labels-idx1-ubyte" in message
    assert f"in {tmp_path} or in {tmp_path / 'FashionMNIST' / 'raw'}: put the files there" in message
    assert "download" not in message


def test_one_missing_file_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(RuntimeError, match="MNIST: no train-labels-idx1-ubyte "):
        MNIST(tmp_path)


def test_download(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="download=True is not supported"):
        MNIST(tmp_path, download=True)
    write(tmp_path)
    assert len(MNIST(tmp_path, download=True)) == 4


REFUSED = [
    ({"labels": LABELS[:3]}, "MNIST: 4 images in .*images-idx3-ubyte, but 3 labels in .*labels-idx1-ubyte"),
    ({"images": IMAGES[0]}, r"images-idx3-ubyte holds uint8 of shape \(28, 28\), wanted images: uint8 with 3 dim"),
    ({"images": IMAGES.astype("f4")}, "images-idx3-ubyte holds float32 of shape"),
    ({"labels": LABELS[None]}, r"labels-idx1-ubyte holds uint8 of shape \(1, 4\), wanted labels: uint8 with 1 dim"),
    ({"labels": LABELS + numpy.uint8(1)}, "labels-idx1-ubyte has a label 10, wanted 0 to 9"),
]


@pytest.mark.parametrize(("arrays", "message"), REFUSED)
def test_refuses_what_does_not_fit(tmp_path: Path, arrays: dict[str, numpy.ndarray], message: str) -> None:
    write(tmp_path, **arrays)
    with pytest.raises(ValueError, match=message):
        MNIST(tmp_path)


def test_refuses_a_damaged_file(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="train-images-idx3-ubyte is truncated"):
        MNIST(tmp_path)
