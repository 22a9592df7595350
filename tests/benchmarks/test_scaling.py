"""The growth of the cost is measured, the fastest round counts, and the picture is drawn from the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sparkle
from benchmarks import scaling


def test_a_round_has_every_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "SHARE", 0.001)
    figures = scaling.one_round(sparkle, batches=(1, 2), depths=(1,))
    assert list(figures) == list(scaling.NETWORKS)
    for of in figures.values():
        assert list(of["batch"]) == ["1", "2"]
        assert list(of["depth"]) == ["1"]
        assert all(0 < seconds < 60 for kind in of.values() for seconds in kind.values())


@pytest.mark.parametrize(("network", "kind", "others"), [("mlp", "Linear", 1), ("cnn", "Conv2d", 0)])
def test_depth_is_the_number_of_layers(network: str, kind: str, others: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "classifier_step", lambda L, model, optimizer, shape: model)
    model = getattr(scaling, network)(sparkle, 1, 3)
    assert sum(isinstance(part, getattr(sparkle.nn, kind)) for part in model.modules()) == 3 + others


def test_the_fastest_round_counts() -> None:
    rounds = [{"net": {"batch": {"1": a}, "depth": {"1": b}}} for a, b in ((3.0, 1.0), (2.0, 4.0))]
    assert scaling.fastest(rounds) == {"net": {"batch": {"1": 2.0}, "depth": {"1": 1.0}}}


def test_picture_from_the_file(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    kinds = {"batch": {"1": 1e-3, "8": 2e-3}, "depth": {"1": 1e-3, "2": 2e-3, "4": 4.1e-3}}
    file, image = tmp_path / "scaling.json", tmp_path / "new" / "scaling.png"
    file.write_text(json.dumps({"one": kinds, "other": kinds}))
    scaling.main(["--draw", "--json", str(file), "--image", str(image)])
    assert image.read_bytes().startswith(b"\x89PNG")
