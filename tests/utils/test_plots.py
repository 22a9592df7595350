"""Curves and confusion matrices as text and as pictures."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

import sparkle
from sparkle.utils.plots import plot_confusion_matrix, plot_curves, text_confusion_matrix, text_curves


def cells(text, mark):
    """(row from below, column) of each mark inside the axes."""
    rows = [line.split("|", 1)[1] for line in text.splitlines() if "|" in line][::-1]
    return sorted((y, x) for y, row in enumerate(rows) for x, char in enumerate(row) if char == mark)


def test_points_stand_where_they_belong():
    text = text_curves({"up": [0.0, 1.0, 2.0, 3.0], "down": [3, 2, 1, 0]}, width=4, height=4)
    assert cells(text, "o") == [(0, 3), (1, 2), (2, 1), (3, 0)]
    assert cells(text, "*") == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert text.splitlines()[-1].split() == ["*", "up", "o", "down"]
    assert text.splitlines()[0].split()[0] == "3"


def test_steps_are_placed():
    text = text_curves({"a": [(0, 1.0), (100, 2.0)], "b": [(25, 1.5)]}, width=4, height=3)
    assert cells(text, "o") == [(1, 1)]
    assert text.splitlines()[-2].split() == ["0", "100"]


@pytest.mark.parametrize(
    ("values", "log_y", "drawn"),
    [
        ([math.nan, 1.0, math.inf, 2.0], False, 2),
        ([0.0, -1.0, 1.0, 10.0], True, 2),
        ([5.0], False, 1),
        ([3, 3], False, 2),
    ],
)
def test_what_cannot_be_drawn_is_left_out(values, log_y, drawn):
    assert len(cells(text_curves({"x": values}, width=9, height=3, log_y=log_y), "*")) == drawn


def test_logarithmic_numbers():
    lines = text_curves({"x": [0.01, 1.0, 100.0]}, width=9, height=3, log_y=True).splitlines()
    assert (lines[0].split()[0], lines[2].split()[0]) == ("100", "0.01")
    assert cells("\n".join(lines), "*")[1][0] == 1


@pytest.mark.parametrize(
    ("curves", "size", "message"),
    [
        ({"x": [1.0]}, (1, 5), "1 x 5 characters"),
        ({"x": []}, (5, 5), r"no number to draw in \['x'\]"),
        ({}, (5, 5), "no number"),
        ({"x": [math.nan]}, (5, 5), "no number"),
    ],
)
def test_misuse_of_curves(curves, size, message):
    with pytest.raises(ValueError, match=message):
        text_curves(curves, *size)


MATRIX = [[5, 0, 0], [1, 2, 1], [0, 0, 0]]


@pytest.mark.parametrize("kind", [list, np.asarray, sparkle.tensor])
def test_matrix_as_text(kind):
    lines = [line.split() for line in text_confusion_matrix(kind(MATRIX)).splitlines()]
    assert lines[0][-4:] == ["0", "1", "2", "recall"]
    assert lines[1] == ["0", "5", "█", "0", "0", "100", "%"]
    assert lines[2] == ["1", "1", "░", "2", "▒", "1", "░", "50", "%"]
    assert lines[3] == ["2", "0", "0", "0", "-"]


def test_shares_as_text():
    assert "0.25" in text_confusion_matrix([[0.25, 0.75], [0.0, 1.0]], labels=["no", "yes"])


@pytest.mark.parametrize(
    ("matrix", "labels", "message"),
    [([[1, 2]], None, "not square"), ([1, 2], None, "not square"), (MATRIX, ["a"], "1 labels for 3 classes")],
)
@pytest.mark.parametrize("draw", [text_confusion_matrix, plot_confusion_matrix])
def test_misuse_of_matrices(draw, matrix, labels, message):
    with pytest.raises(ValueError, match=message):
        draw(matrix, labels)


# ---------------------------------------------------------------- pictures


@pytest.fixture
def pyplot():
    plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is not installed: the extra plot")
    yield plt
    plt.close("all")


def test_picture_of_curves(pyplot, tmp_path):
    ax = plot_curves({"loss": [3.0, math.nan, 1.0], "val": [(2, 4.0)]}, log_y=True, xlabel="epoch", ylabel="loss")
    first, second = ax.get_lines()
    assert list(first.get_xdata()) == [1, 2, 3]
    assert np.array_equal(first.get_ydata(), [3.0, math.nan, 1.0], equal_nan=True)
    assert (list(second.get_xdata()), list(second.get_ydata())) == ([2], [4.0])
    assert (ax.get_yscale(), ax.get_xlabel(), ax.get_ylabel()) == ("log", "epoch", "loss")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["loss", "val"]
    ax.figure.savefig(tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_picture_into_axes_of_ones_own(pyplot):
    _, (left, right) = pyplot.subplots(1, 2)
    assert plot_curves({"x": [1, 2]}, left) is left
    assert plot_confusion_matrix(MATRIX, ax=right) is right


@pytest.mark.parametrize(("normalize", "texts"), [(False, ["5", "2", "0"]), (True, ["1.00", "0.50", "0.00"])])
def test_picture_of_a_matrix(normalize, texts, pyplot):
    ax = plot_confusion_matrix(sparkle.tensor(MATRIX), ["a", "b", "c"], normalize=normalize)
    assert [ax.texts[i].get_text() for i in (0, 4, 8)] == texts
    assert np.allclose(ax.images[0].get_array(), [[1, 0, 0], [0.25, 0.5, 0.25], [0, 0, 0]])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")


@pytest.mark.parametrize("draw", [lambda: plot_curves({"x": [1]}), lambda: plot_confusion_matrix(MATRIX)])
def test_without_matplotlib(draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'sparkle-engine\[plot\]'"):
        draw()
