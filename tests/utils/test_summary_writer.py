"""SummaryWriter: everything that TensorBoard shows, written from tensors and read back."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

import sparkle
from sparkle.utils.tensorboard import SummaryWriter


@pytest.fixture
def writer(tmp_path):
    writer = SummaryWriter(str(tmp_path))
    yield writer
    writer.close()


@pytest.fixture
def events(writer, tmp_path):
    """Close the writer and return the events of a folder."""

    def read(folder: Path = tmp_path):
        from tensorboardX.proto.event_pb2 import Event

        writer.close()
        found = []
        for path in sorted(folder.glob("events*")):
            content, start = path.read_bytes(), 0
            while start < len(content):
                (length,) = struct.unpack_from("<Q", content, start)
                found.append(Event.FromString(content[start + 12 : start + 12 + length]))
                start += 16 + length
        return found

    return read


def values(events):
    return {value.tag: value for event in events for value in event.summary.value}


WAYS = {
    "scalar": (lambda w: w.add_scalar("x", sparkle.tensor(0.5)), lambda v: v.simple_value == 0.5),
    "histogram": (lambda w: w.add_histogram("x", sparkle.arange(4.0)), lambda v: (v.histo.num, v.histo.sum) == (4, 6)),
    "image": (lambda w: w.add_image("x", sparkle.rand(3, 4, 5)), lambda v: (v.image.height, v.image.width) == (4, 5)),
    "images": (lambda w: w.add_images("x", sparkle.rand(2, 3, 4, 5)), lambda v: v.image.width == 10),
    "text": (lambda w: w.add_text("x", "hello"), lambda v: b"hello" in v.tensor.string_val[0]),
    "curve": (
        lambda w: w.add_pr_curve("x", sparkle.tensor([0, 1, 1]), sparkle.tensor([0.1, 0.2, 0.9]), num_thresholds=5),
        lambda v: v.metadata.plugin_data.plugin_name == "pr_curves",
    ),
}


@pytest.mark.parametrize(("write", "holds"), WAYS.values(), ids=WAYS)
def test_summaries(write, holds, writer, events):
    write(writer)
    (value,) = values(events()).values()
    assert value.tag.startswith("x")
    assert holds(value)


def test_picture(writer, events):
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is not installed: the extra plot")
    figure, axes = pyplot.subplots()
    axes.plot([1, 2])
    writer.add_figure("curves", figure)
    assert values(events())["curves"].image.width > 100


def test_hyperparameters(writer, events, tmp_path):
    writer.add_hparams(
        {"lr": sparkle.tensor(0.5), "name": "sgd", "n": 3, "flag": True}, {"acc": np.float32(0.75)}, "run"
    )
    found = values(events(tmp_path / "run"))
    assert found["acc"].simple_value == 0.75
    content = found["_hparams_/session_start_info"].metadata.plugin_data.content
    assert all(name in content for name in (b"lr", b"name", b"sgd", b"flag"))
    with pytest.raises(TypeError, match="dictionary"):
        writer.add_hparams([], {})


def test_embeddings(writer, tmp_path):
    pytest.importorskip("PIL", reason="Pillow is not installed: it draws the images of the points")
    points = sparkle.tensor([[1.0, 2.0], [3.0, 4.0]])
    writer.add_embedding(points, metadata=["a", "b"], label_img=sparkle.rand(2, 3, 4, 4), global_step=7, tag="words")
    folder = tmp_path / "00007" / "words"
    assert np.loadtxt(folder / "tensors.tsv").tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert (folder / "metadata.tsv").read_text().split() == ["a", "b"]
    assert (folder / "sprite.png").read_bytes().startswith(b"\x89PNG")
    assert 'tensor_path: "00007/words/tensors.tsv"' in (tmp_path / "projector_config.pbtxt").read_text()


def test_graph(writer, events, caplog):
    from tensorboardX.proto.graph_pb2 import GraphDef

    model = sparkle.nn.Sequential(sparkle.nn.Linear(2, 3), sparkle.nn.ReLU())
    with caplog.at_level("INFO"):
        writer.add_graph(model, sparkle.ones(5, 2), verbose=True)
    assert "1/Relu" in caplog.text
    (written,) = [event.graph_def for event in events() if event.graph_def]
    graph = GraphDef.FromString(written)
    assert {node.name: list(node.input) for node in graph.node} == {
        "input_0": [],
        "0/weight": [],
        "0/bias": [],
        "0/Addmm": ["input_0", "0/weight", "0/bias"],
        "1/Relu": ["0/Addmm"],
        "output_0": ["1/Relu"],
    }
    shapes = {node.name: [dim.size for dim in node.attr["_output_shapes"].list.shape[0].dim] for node in graph.node[:2]}
    assert shapes == {"input_0": [5, 2], "0/weight": [3, 2]}


def test_graph_takes_no_flag_that_it_would_ignore(writer):
    with pytest.raises(NotImplementedError, match="use_strict_trace"):
        writer.add_graph(sparkle.nn.Linear(1, 1), sparkle.ones(1, 1), use_strict_trace=False)
