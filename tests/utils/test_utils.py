"""Grids of images, picture files, loggers, tensors in containers."""

from __future__ import annotations

import io
import logging
from collections import namedtuple

import numpy as np
import pytest

import sparkle
from sparkle.utils import apply_to_tensor, convert_tensor, make_grid, manual_seed, save_image, setup_logger, to_onehot

Pair = namedtuple("Pair", ["a", "b"])


def test_grid_places_images_row_by_row():
    images = sparkle.stack([sparkle.full((1, 2, 2), float(i)) for i in range(1, 4)])
    grid = make_grid(images, nrow=2, padding=1, pad_value=-1.0).numpy()
    assert grid.shape == (3, 7, 7)
    expected = -np.ones((7, 7))
    expected[1:3, 1:3], expected[1:3, 4:6], expected[4:6, 1:3] = 1, 2, 3
    for channel in grid:
        np.testing.assert_array_equal(channel, expected)


def test_grid_of_one_image_list_and_matrix():
    assert make_grid(sparkle.zeros(3, 4, 5)).shape == (3, 4, 5)
    assert make_grid([sparkle.zeros(3, 4, 4)] * 2).shape == (3, 8, 14)
    assert make_grid(sparkle.zeros(4, 5)).shape == (3, 4, 5)


def test_grid_normalizes():
    images = sparkle.tensor([[[[-2.0, 0.0]]], [[[2.0, 6.0]]]])
    together = make_grid(images, padding=0, normalize=True).numpy()[0]
    np.testing.assert_allclose(together, [[0, 0.25, 0.5, 1]])
    each = make_grid(images, padding=0, normalize=True, scale_each=True).numpy()[0]
    np.testing.assert_allclose(each, [[0, 1, 0, 1]])
    ranged = make_grid(images, padding=0, normalize=True, value_range=(0.0, 4.0)).numpy()[0]
    np.testing.assert_allclose(ranged, [[0, 0, 0.5, 1]])
    assert images.tolist()[0] == [[[-2.0, 0.0]]]


@pytest.mark.parametrize("bad", [3, [1, 2], np.zeros((3, 4, 4)), []], ids=["number", "list", "array", "empty"])
def test_grid_refuses_what_is_no_tensor(bad):
    with pytest.raises(TypeError, match="tensor or list of tensors"):
        make_grid(bad)


def test_grid_refuses_wrong_dims():
    with pytest.raises(ValueError, match=r"\(B, C, H, W\)"):
        make_grid(sparkle.zeros(1, 1, 1, 2, 2))


def test_picture_files(tmp_path):
    image = pytest.importorskip("PIL.Image", reason="Pillow comes with the plot and atari extras")
    save_image(sparkle.tensor([[[0.0, 1.0]], [[0.5, 2.0]], [[-1.0, 1.0]]]), tmp_path / "x.png")
    pixels = np.asarray(image.open(tmp_path / "x.png"))
    assert pixels.tolist() == [[[0, 128, 0], [255, 255, 255]]]
    file = io.BytesIO()
    save_image(sparkle.zeros(4, 1, 3, 3), file, format="png", nrow=2)
    assert file.getvalue()[1:4] == b"PNG"


def test_logger(tmp_path, capsys):
    logger = setup_logger("sparkle.test_logger", format="%(message)s", filepath=str(tmp_path / "log.txt"))
    logger.info("one")
    logger = setup_logger("sparkle.test_logger", level=logging.WARNING, format="%(message)s")
    logger.info("two")
    logger.warning("three")
    assert capsys.readouterr().err == "one\nthree\n"
    assert (tmp_path / "log.txt").read_text() == "one\n"
    silent = setup_logger("sparkle.test_rank", distributed_rank=1)
    silent.error("nothing")
    assert capsys.readouterr().err == ""


def test_tensors_in_containers():
    value = {"a": [sparkle.ones(2), "text"], "b": Pair(sparkle.zeros(1), (sparkle.ones(1),))}
    doubled = apply_to_tensor(value, lambda x: x * 2)
    assert doubled["a"][0].tolist() == [2.0, 2.0]
    assert doubled["a"][1] == "text"
    assert isinstance(doubled["b"], Pair)
    assert doubled["b"].b[0].tolist() == [2.0]
    assert convert_tensor(value, device="cpu")["a"][0].device == sparkle.device("cpu")
    with pytest.raises(TypeError, match="int"):
        convert_tensor([3])


def test_onehot():
    assert to_onehot(sparkle.tensor([[0, 1]]), 2).tolist() == [[[1, 0], [0, 1]]]
    for bad, message in [(sparkle.tensor([3]), "out of range"), (sparkle.tensor([0.5]), "integer")]:
        with pytest.raises(RuntimeError, match=message):
            to_onehot(bad, 3)


def test_manual_seed():
    manual_seed(5)
    first = sparkle.rand(3).tolist()
    manual_seed(5)
    assert sparkle.rand(3).tolist() == first
