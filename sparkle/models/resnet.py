"""Residual networks for images (He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from ..core.nn import init
from ..core.nn.base import Module, Sequential
from ..core.nn.modules import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, MaxPool2d, ReLU
from ..core.tensor.functions.shaping.shape import flatten
from .weights import with_weights

Norm = Callable[[int], Any]


def _conv(inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1, dilation: int = 1) -> Conv2d:
    """A convolution that keeps the image's size, but for the stride; the norm after it has the bias."""
    padding = dilation * (size // 2)
    return Conv2d(inputs, outputs, size, stride, padding, dilation, groups, bias=False)


class _Block(Module):
    """relu(f(x) + x), where the shortcut is `downsample` if f changes the shape."""

    expansion: ClassVar[int]  # channels of the result, in units of `planes`
    last_norm: ClassVar[str]
    downsample: Any
    relu: ReLU

    def residual(self, x: Any) -> Any:
        """What the block adds to its input."""
        raise NotImplementedError

    def forward(self, x: Any) -> Any:
        """The input, or its shortcut, plus the residual."""
        shortcut = x if self.downsample is None else self.downsample(x)
        out = self.residual(x)
        out += shortcut
        return self.relu(out)


class BasicBlock(_Block):
    """Two 3x3 convolutions, the first with the stride; groups and other widths than 64 are the bottleneck's matter.

    Raises ValueError for these, NotImplementedError for a dilation.
    """

    expansion = 1
    last_norm = "bn2"

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Norm | None = None,
    ) -> None:
        super().__init__()
        norm = BatchNorm2d if norm_layer is None else norm_layer
        if groups != 1 or base_width != 64:
            raise ValueError(f"BasicBlock only supports groups=1 and base_width=64, met {groups} and {base_width}")
        if dilation > 1:
            raise NotImplementedError(f"Dilation > 1 not supported in BasicBlock, met {dilation}")
        self.conv1 = _conv(inplanes, planes, 3, stride)
        self.bn1 = norm(planes)
        self.relu = ReLU(inplace=True)
        self.conv2 = _conv(planes, planes, 3)
        self.bn2 = norm(planes)
        self.downsample = downsample
        self.stride = stride

    def residual(self, x: Any) -> Any:
        """What the block adds to its input."""
        return self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))


class Bottleneck(_Block):
    """A 3x3 convolution, with the stride, between 1x1 convolutions to fewer channels and back to four times `planes`.

    In the paper the first 1x1 convolution has the stride; in this place it costs a little more and does better, and
    the weights that people exchange are of this form.
    """

    expansion = 4
    last_norm = "bn3"

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Norm | None = None,
    ) -> None:
        super().__init__()
        norm = BatchNorm2d if norm_layer is None else norm_layer
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = _conv(inplanes, width, 1)
        self.bn1 = norm(width)
        self.conv2 = _conv(width, width, 3, stride, groups, dilation)
        self.bn2 = norm(width)
        self.conv3 = _conv(width, planes * self.expansion, 1)
        self.bn3 = norm(planes * self.expansion)
        self.relu = ReLU(inplace=True)
        self.downsample = downsample
        self.stride = stride

    def residual(self, x: Any) -> Any:
        """What the block adds to its input."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        return self.bn3(self.conv3(out))


class ResNet(Module):
    """A residual network: (n, 3, h, w) to (n, num_classes).

    block: `BasicBlock` or `Bottleneck`; layers: how many blocks each of the four stages has.
    zero_init_residual: every block starts as the identity (Goyal et al., 2017). groups, width_per_group: of the
    bottlenecks' 3x3 convolutions (ResNeXt, Xie et al., 2016). replace_stride_with_dilation: for each of the last three
    stages, keep the image's size and dilate instead. norm_layer: makes the norm of so many channels.
    Raises ValueError where replace_stride_with_dilation does not have three elements, and for what a block refuses.

    >>> import sparkle
    >>> net = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=10)
    >>> net(sparkle.zeros(2, 3, 32, 32)).shape
    sparkle.Size([2, 10])
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] | None = None,
        norm_layer: Norm | None = None,
    ) -> None:
        super().__init__()
        self._norm_layer = BatchNorm2d if norm_layer is None else norm_layer
        self.inplanes, self.dilation = 64, 1
        self.groups, self.base_width = groups, width_per_group
        dilate = _three(replace_stride_with_dilation)
        self.conv1 = Conv2d(3, self.inplanes, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = self._norm_layer(self.inplanes)
        self.relu = ReLU(inplace=True)
        self.maxpool = MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._stage(block, 64, layers[0])
        self.layer2 = self._stage(block, 128, layers[1], 2, dilate[0])
        self.layer3 = self._stage(block, 256, layers[2], 2, dilate[1])
        self.layer4 = self._stage(block, 512, layers[3], 2, dilate[2])
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.fc = Linear(512 * block.expansion, num_classes)
        self._reset_parameters(zero_init_residual)

    def _stage(self, block: Any, planes: int, blocks: int, stride: int = 1, dilate: bool = False) -> Sequential:
        """Some blocks of the same width; the first has the stride, or a stage's dilation begins after it."""
        dilation = self.dilation
        if dilate:
            self.dilation *= stride
            stride = 1
        wide = planes * block.expansion
        downsample = None
        if stride != 1 or self.inplanes != wide:
            downsample = Sequential(_conv(self.inplanes, wide, 1, stride), self._norm_layer(wide))
        same = (self.groups, self.base_width)
        made = [block(self.inplanes, planes, stride, downsample, *same, dilation, self._norm_layer)]
        self.inplanes = wide
        made += [block(wide, planes, 1, None, *same, self.dilation, self._norm_layer) for _ in range(1, blocks)]
        return Sequential(*made)

    def _reset_parameters(self, zero_init_residual: bool) -> None:
        for module in self.modules():  # norms start with 1 and 0, and linear layers as always
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, _Block) and zero_init_residual:
                scale = getattr(getattr(module, module.last_norm), "weight", None)
                if scale is not None:
                    init.zeros_(scale)

    def forward(self, x: Any) -> Any:
        """The classes' scores."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(flatten(self.avgpool(x), 1))


def _three(flags: Sequence[bool] | None) -> Sequence[bool]:
    if flags is None:
        return (False, False, False)
    if len(flags) != 3:
        raise ValueError(f"replace_stride_with_dilation should be None or a 3-element tuple, got {flags}")
    return flags


def _made(name: str, weights: Any, block: Any, layers: tuple[int, ...], arguments: dict[str, Any]) -> ResNet:
    return with_weights(partial(ResNet, block, layers), name, "fc", weights, arguments)


def resnet18(*, weights: str | os.PathLike[str] | None = None, **kwargs: Any) -> ResNet:
    """ResNet-18: 11,689,512 parameters with 1000 classes; further arguments are `ResNet`'s.

    weights: a file with a state dict, as `sparkle.save(model.state_dict(), path)` or safetensors write it, whose names
    are torchvision's; nothing is downloaded. num_classes, if left out, is then the file's.
    Raises FileNotFoundError; ValueError where num_classes is not the file's; RuntimeError where other names or shapes
    differ, or the file cannot be read.

    >>> import sparkle
    >>> model = sparkle.models.resnet18(num_classes=10)
    >>> model.fc
    Linear(in_features=512, out_features=10, bias=True)
    """
    return _made("resnet18", weights, BasicBlock, (2, 2, 2, 2), kwargs)


def resnet34(*, weights: str | os.PathLike[str] | None = None, **kwargs: Any) -> ResNet:
    """ResNet-34: 21,797,672 parameters with 1000 classes; arguments as in `resnet18`."""
    return _made("resnet34", weights, BasicBlock, (3, 4, 6, 3), kwargs)


def resnet50(*, weights: str | os.PathLike[str] | None = None, **kwargs: Any) -> ResNet:
    """ResNet-50: 25,557,032 parameters with 1000 classes; arguments as in `resnet18`."""
    return _made("resnet50", weights, Bottleneck, (3, 4, 6, 3), kwargs)
