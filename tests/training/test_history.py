"""History: adding, printing, the best, curves."""

from __future__ import annotations

import math

import pytest

from sparkle.training import History


@pytest.fixture
def history():
    found = History("val_loss")
    for epoch, (loss, val) in enumerate([(4.0, 3.0), (2.0, math.nan), (1.0, 2.5), (0.5, 2.75)], 1):
        found.append(epoch, {"loss": loss, "val_loss": val})
    return found


def test_names_that_come_late_and_go():
    history = History()
    history.append(1, {"a": 1})
    history.append(3, {"b": 2})
    assert history.epochs == [1, 3]
    assert str(history.history) == "{'a': [1, nan], 'b': [nan, 2]}"


@pytest.mark.parametrize(
    ("mode", "values", "best"),
    [
        ("min", [3, 1, 2, 1], (2, 1)),
        ("max", [3, 1, 3, 1], (1, 3)),
        ("max", [math.nan, 1, 3], (3, 3)),
        ("min", [math.nan], None),
        ("min", [], None),
    ],
)
def test_best(mode, values, best):
    history = History("x", mode)
    for epoch, value in enumerate(values, 1):
        history.append(epoch, {"x": value})
    assert history.best == best


def test_printed(history):
    assert repr(history).splitlines() == [
        "History of 4 epochs",
        "epoch  loss  val_loss",
        "    1     4         3",
        "    2     2       nan",
        "    3     1       2.5",
        "    4   0.5      2.75",
        "best val_loss 2.5 in epoch 3",
    ]
    assert repr(History()) == "History of 0 epochs"


def test_long_ones_are_cut():
    history = History()
    for epoch in range(1, 101):
        history.append(epoch, {"loss": 1.0})
    lines = repr(history).splitlines()
    assert len(lines) == 15
    assert [line.split()[0] for line in lines[7:10]] == ["6", "...", "95"]


def test_round_trip(history):
    other = History("val_loss")
    other.load_state_dict(history.state_dict())
    other.append(5, {"loss": 0.1, "val_loss": 0.1})
    assert len(history) == 4
    assert other.best == (5, 0.1)
    with pytest.raises(ValueError, match="history"):
        other.load_state_dict({"epochs": []})


def test_unknown_name(history):
    with pytest.raises(KeyError, match=r"acc.*there are"):
        history["acc"]


def test_curves(history):
    text = history.text(width=20, height=5)
    assert text.splitlines()[-1].split() == ["*", "loss", "o", "val_loss"]
    assert "val_loss" not in history.text(["loss"], width=20, height=5)
    ax = history.plot()
    assert [line.get_label() for line in ax.get_lines()] == ["loss", "val_loss"]
    assert list(ax.get_lines()[0].get_ydata()) == [4.0, 2.0, 1.0, 0.5]
