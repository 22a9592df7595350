"""The residual networks: their names and sizes, their arguments, and weights from files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import sparkle
from sparkle import nn
from sparkle.models import BasicBlock, Bottleneck, ResNet, resnet18, resnet34, resnet50


def tiny(num_classes=5, **arguments):
    return ResNet(BasicBlock, [1, 1, 1, 1], num_classes=num_classes, **arguments)


def size(model):
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(("make", "n"), [(resnet18, 11_689_512), (resnet34, 21_797_672), (resnet50, 25_557_032)])
def test_parameters(make, n):
    assert size(make()) == n


# Sizes that torchvision's documentation gives for further members of the family.
@pytest.mark.parametrize(
    ("layers", "arguments", "n"),
    [
        ([3, 4, 23, 3], {}, 44_549_160),  # ResNet-101
        ([3, 4, 6, 3], {"groups": 32, "width_per_group": 4}, 25_028_904),  # ResNeXt-50 32x4d
        ([3, 4, 6, 3], {"width_per_group": 128}, 68_883_240),  # Wide ResNet-50-2
    ],
)
def test_other_members_of_the_family(layers, arguments, n):
    assert size(ResNet(Bottleneck, layers, **arguments)) == n


def test_names():
    names = list(resnet18().state_dict())
    assert names[:7] == [
        "conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "bn1.num_batches_tracked",
        "layer1.0.conv1.weight",
    ]  # fmt: skip
    assert {"layer2.0.downsample.0.weight", "layer2.0.downsample.1.running_var", "layer4.1.bn2.bias"} < set(names)
    assert names[-2:] == ["fc.weight", "fc.bias"]
    assert len(names) == 122
    assert len(resnet50().state_dict()) == 320
    assert not any(name.startswith("layer1.0.downsample") for name in names)


def test_first_values():
    model = resnet18()
    weight = model.layer2[0].conv1.weight.detach().numpy()  # 128 outputs of 3x3: fan out
    assert abs(weight.std() / np.sqrt(2 / (128 * 9)) - 1) < 0.02
    assert float(model.fc.weight.abs().max()) <= 1 / np.sqrt(512)
    assert {float(block.bn2.weight.sum()) for block in tiny().modules() if isinstance(block, BasicBlock)} != {0.0}


def test_zero_init_residual_makes_every_block_the_identity_at_first():
    model = tiny(zero_init_residual=True).eval()
    x = sparkle.rand(1, 64, 4, 4)
    np.testing.assert_array_equal(model.layer1(x).detach().numpy(), x.numpy())


def test_dilation_keeps_the_size():
    x = sparkle.zeros(1, 256, 8, 8)
    model = ResNet(Bottleneck, [1, 2, 1, 1], replace_stride_with_dilation=(True, False, False))
    assert model.layer2(x).shape == (1, 512, 8, 8)
    assert [block.conv2.dilation for block in model.layer2] == [(1, 1), (2, 2)]


def test_other_norms():
    model = tiny(norm_layer=lambda n: nn.GroupNorm(2, n))
    assert "bn1.running_mean" not in model.state_dict()
    assert isinstance(model.layer2[0].downsample[1], nn.GroupNorm)
    plain = tiny(norm_layer=nn.Identity, zero_init_residual=True)
    assert plain(sparkle.zeros(1, 3, 32, 32)).shape == (1, 5)


@pytest.mark.parametrize(
    ("error", "message", "make"),
    [
        (ValueError, "groups=1 and base_width=64, met 2 and 64", lambda: tiny(groups=2)),
        (ValueError, "groups=1 and base_width=64, met 1 and 32", lambda: tiny(width_per_group=32)),
        (ValueError, r"3-element tuple, got \[True\]", lambda: tiny(replace_stride_with_dilation=[True])),
        (NotImplementedError, "met 2", lambda: BasicBlock(8, 8, dilation=2)),
        (TypeError, "unexpected keyword argument 'pretrained'", lambda: resnet18(pretrained=True)),
        (TypeError, "unexpected keyword argument 'progress'", lambda: resnet18(progress=True)),
        (TypeError, "positional argument", lambda: resnet18("weights")),
    ],
)
def test_wrong_arguments(error, message, make):
    with pytest.raises(error, match=message):
        make()


# ---------------------------------------------------------------- weights


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, np.ndarray]]:
    """A file with a ResNet-18 of three classes, and what is in it."""
    sparkle.manual_seed(4)
    state = resnet18(num_classes=3).state_dict()
    path = tmp_path_factory.mktemp("weights") / "resnet18.sparkle"
    sparkle.save(state, path)
    return path, {name: tensor.numpy() for name, tensor in state.items()}


def holds(model, arrays):
    state = model.state_dict()
    return list(state) == list(arrays) and all((state[name].numpy() == array).all() for name, array in arrays.items())


def test_weights_from_a_file(saved):
    path, arrays = saved
    assert not holds(resnet18(num_classes=3), arrays)
    assert holds(resnet18(weights=path), arrays)  # as many classes as the file has
    assert holds(resnet18(weights=str(path), num_classes=3), arrays)


def test_weights_from_safetensors(saved, tmp_path):
    save_file(saved[1], tmp_path / "model.safetensors")
    assert holds(resnet18(weights=tmp_path / "model.safetensors"), saved[1])


def test_other_number_of_classes(saved):
    message = r"num_classes=10, but .*resnet18.sparkle is for 3 classes; .*model.fc = Linear\(model.fc.in_features, 10"
    with pytest.raises(ValueError, match=message):
        resnet18(weights=saved[0], num_classes=10)


def test_other_model(saved):
    with pytest.raises(RuntimeError, match=r"(?s)resnet34: .*resnet18.sparkle has other weights: .*layer1\.2\.conv1"):
        resnet34(weights=saved[0])
    with pytest.raises(RuntimeError, match=r"size mismatch for layer1\.0\.conv1\.weight"):
        resnet50(weights=saved[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"model": {}, "epoch": 3}, "wanted a state dict, names and tensors, met a dict of model, epoch"),
        ([1.0], "wanted a state dict, names and tensors, met list"),
        ({"a": sparkle.zeros(2), "b": sparkle.zeros(2)}, r"has no fc.weight, only a, b"),
    ],
    ids=["checkpoint", "list", "others"],
)
def test_files_without_a_state_dict(content, message, tmp_path):
    sparkle.save(content, tmp_path / "file")
    with pytest.raises(RuntimeError, match=message):
        resnet18(weights=tmp_path / "file")


def test_damaged_file(tmp_path):
    (tmp_path / "resnet.pth").write_bytes(b"PK\3\4" + bytes(100))
    with pytest.raises(RuntimeError, match=r"resnet.pth cannot be read: it is a zip archive, as torch.save writes"):
        resnet18(weights=tmp_path / "resnet.pth")


def test_nothing_is_downloaded():
    with pytest.raises(FileNotFoundError, match="there is no file DEFAULT; nothing is downloaded"):
        resnet18(weights="DEFAULT")
    with pytest.raises(TypeError, match="wanted the path of a file, met bool"):
        resnet18(weights=True)


def test_models_wait_until_asked_for():
    program = """
import sys, sparkle
assert "sparkle.models" not in sys.modules
sparkle.models.resnet18
assert "sparkle.models" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
