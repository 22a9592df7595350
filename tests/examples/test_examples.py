"""Every example runs, in a short form, and does what it says."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.core.data.datasets.idx import write_idx

FOLDER = Path(__file__).parent.parent.parent / "examples"
TESTED = {"atari_gan", "digits", "finetune", "gpt", "linear_regression", "mnist", "polynomial"}


def load(name: str) -> ModuleType:
    """An example as a module; what is below its `if __name__` does not run."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_example_is_tested() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == TESTED


def test_polynomial() -> None:
    found = np.array(load("polynomial").main(["--steps", "300"]))
    np.testing.assert_allclose(found[1:], found[:1].repeat(2, 0), rtol=1e-9, atol=1e-12)
    longer = np.array(load("polynomial").by_autograd(2000))
    np.testing.assert_allclose(longer, [0, 0.8569, 0, -0.0933], atol=0.01)  # the least squares solution


def test_linear_regression(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "line.png"
    plot = ["--plot", str(picture)] if importlib.util.find_spec("matplotlib") else []
    slope, offset = load("linear_regression").main(["--epochs", "12", *plot])
    assert math.isclose(slope, 2.5, abs_tol=0.1)
    assert math.isclose(offset, -1, abs_tol=0.1)
    assert capsys.readouterr().out.count("\nepoch") == 11
    assert picture.exists() == bool(plot)


def test_finetune() -> None:
    accuracies = load("finetune").main(["--epochs", "4"])
    assert accuracies["whole"] > 0.9
    assert accuracies["trained"] > 0.8
    assert list(accuracies) == ["whole", "trained", "random"]


def test_digits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accuracy = load("digits").main(["--epochs", "2", "--logdir", str(tmp_path / "run")])
    assert accuracy > 0.8
    assert len(list((tmp_path / "run" / "checkpoints").iterdir())) == 1
    assert list((tmp_path / "run" / "tensorboard").iterdir())
    assert (tmp_path / "run" / "digits.png").exists() or not importlib.util.find_spec("matplotlib")
    assert f"test accuracy {accuracy:.2%} after 2 epochs" in capsys.readouterr().out


# ---------------------------------------------------------------- the GPT


def test_gpt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = load("gpt")
    example.EPOCH, example.LENGTH = 20, 8
    text = tmp_path / "text"
    text.write_text("abcdefgh" * 100, encoding="utf-8")
    written = example.main(
        [str(text), "--epochs", "2", "--prompt", "cde", "--letters", "12", "--logdir", str(tmp_path)]
    )
    assert written == "cdefghabcdefgha"
    assert capsys.readouterr().out.count("validation") == 2
    (log,) = tmp_path.glob("events*")
    assert b"train/loss" in (found := log.read_bytes())
    assert b"epoch/validation" in found


def test_gpt_reads_python_s_language_reference() -> None:
    example = load("gpt")
    example.EPOCH, example.LENGTH, example.BATCH = 1, 8, 2
    assert len(example.main(["--epochs", "1", "--letters", "5"])) == len("The ") + 5


def test_gpt_sees_nothing_that_comes_later() -> None:
    model = load("gpt").GPT(5, size=8, layers=2, heads=2).eval()
    codes = sparkle.tensor([[0, 1, 2, 3, 4]])
    changed = sparkle.tensor([[0, 1, 2, 4, 3]])
    np.testing.assert_allclose(model(codes)[:, :3].detach(), model(changed)[:, :3].detach(), rtol=1e-6)
    assert not np.allclose(model(codes)[:, 3].detach(), model(changed)[:, 3].detach(), rtol=1e-6)


def test_gpt_wants_some_text(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("too short", encoding="utf-8")
    with pytest.raises(SystemExit, match="text has 9 letters: at least 1280 are needed"):
        load("gpt").main([str(text)])


# ---------------------------------------------------------------- mnist


@pytest.fixture
def idx_folder(tmp_path: Path) -> Path:
    """Small files as MNIST's: the class of an image is where its bright square lies. Two of the four are gzipped."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for prefix, n, ending in (("train", 160, ""), ("t10k", 40, ".gz")):
        labels = rng.integers(0, 10, n).astype(np.uint8)
        images = rng.integers(0, 60, (n, 28, 28)).astype(np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = divmod(int(label), 4)
            image[row * 8 : row * 8 + 8, column * 7 : column * 7 + 7] = 255
        write_idx(folder / f"{prefix}-images-idx3-ubyte{ending}", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte{ending}", labels)
    return folder


def mnist(folder: Path, *options: Any) -> float:
    return load("mnist").main([str(folder), "--batch-size", "16", "--lr", "0.02", *map(str, options)])


def test_mnist(idx_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mnist(idx_folder, "--epochs", 3) > 0.8
    printed = capsys.readouterr().out
    assert printed.count("test loss") == 3
    assert "checkpoint  runs/mnist/checkpoints/" in printed


def test_mnist_resumes(idx_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mnist(idx_folder, "--epochs", 1, "--iterations", 2)
    (checkpoint,) = (tmp_path / "runs" / "mnist" / "checkpoints").iterdir()
    mnist(idx_folder, "--epochs", 2, "--iterations", 2, "--resume", checkpoint)
    assert "resumed after epoch 1\nepoch  2" in capsys.readouterr().out.replace("\r", "")


def test_mnist_fashion(idx_folder: Path) -> None:
    assert 0 <= mnist(idx_folder, "--fashion", "--epochs", 1, "--iterations", 1) <= 1


def test_mnist_without_files(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"cannot read MNIST: .*train-images-idx3-ubyte.* in "):
        mnist(tmp_path / "nowhere")


def test_mnist_with_damaged_files(idx_folder: Path) -> None:
    (idx_folder / "train-images-idx3-ubyte").write_bytes(b"not an idx file")
    with pytest.raises(SystemExit, match="is not an idx file"):
        mnist(idx_folder)


# ---------------------------------------------------------------- the GAN


def test_atari_gan(tmp_path: Path) -> None:
    for name in ("ale_py", "gymnasium", "PIL"):
        pytest.importorskip(name, reason=f"real frames need {name}: pip install 'sparkle-engine[atari]'")
    example = load("atari_gan")
    example.FILTERS = 4  # the networks' width: the shortened form is narrow as well
    logdir = tmp_path / "gan"
    trainer = example.main(["--iterations", "4", "--save-image-every", "2", "--logdir", str(logdir)])
    assert trainer.state.iteration == 4
    assert all(math.isfinite(loss) for loss in trainer.state.output)
    assert set(trainer.state.metrics) == {"avg_loss_dis", "avg_loss_gen"}
    (log,) = logdir.iterdir()
    assert b"fake" in log.read_bytes()


def test_atari_gan_networks() -> None:
    example = load("atari_gan")
    images = example.generator()(sparkle.randn(2, example.LATENT, 1, 1))
    assert images.shape == (2, 3, 64, 64)
    assert images.abs().max().item() <= 1
    assert example.discriminator()(images).shape == (2,)
    frame = np.random.default_rng(0).integers(0, 256, (210, 160, 3), dtype=np.uint8)
    pytest.importorskip("PIL", reason="resizing frames needs pillow: pip install 'sparkle-engine[atari]'")
    small = example.scaled(frame)
    assert small.shape == (3, 64, 64)
    assert small.dtype == np.float32
    assert -1 <= small.min() < small.max() <= 1
