"""What a training step of a network for images costs: each row is written once, for whichever library it is given.

A row takes a library L, the module `sparkle` or `torch`, and returns the function that is timed. Its docstring is the
row's description.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, pairwise
from typing import Any

from .training_rows import Step, classifier_step


def conv_norm(L: Any, inputs: int, outputs: int, size: int = 3, stride: int = 1) -> Any:
    """A convolution that keeps the image's size, but for the stride, and a norm."""
    convolution = L.nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    return L.nn.Sequential(convolution, L.nn.BatchNorm2d(outputs))


def small_stem(L: Any, width: int) -> list[Any]:
    """The first layers of a ResNet for images of 32x32: a 3x3 convolution, no pooling."""
    return [conv_norm(L, 3, width), L.nn.ReLU(inplace=True)]


def large_stem(L: Any, width: int) -> list[Any]:
    """The first layers of a ResNet for photos: a 7x7 convolution and pooling, which leave a sixteenth of the places."""
    return [conv_norm(L, 3, width, 7, 2), L.nn.ReLU(inplace=True), L.nn.MaxPool2d(3, 2, 1)]


def resnet(L: Any, width: int, stem: Callable[[Any, int], list[Any]]) -> Any:
    """ResNet-18: 64 wide where it is whole."""
    nn = L.nn

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.relu = nn.ReLU(inplace=True)
            self.residual = nn.Sequential(
                conv_norm(L, inputs, outputs, stride=stride), self.relu, conv_norm(L, outputs, outputs)
            )
            same = stride == 1 and inputs == outputs
            self.shortcut = nn.Identity() if same else conv_norm(L, inputs, outputs, 1, stride)

        def forward(self, x: Any) -> Any:
            out = self.residual(x)
            out += self.shortcut(x)
            return self.relu(out)

    layers, inputs = stem(L, width), width
    for stage in range(4):
        outputs = width << stage
        layers += [Block(inputs, outputs, 2 if stage else 1), Block(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))


def resnet_step(L: Any, model: Any, shape: tuple[int, ...]) -> Step:
    """A step with SGD, as such networks are trained."""
    optimizer = L.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    return classifier_step(L, model, optimizer, shape)


def resnet18(L: Any) -> Step:
    """ResNet-18, width 32, 32x32, batch 16, SGD: step"""
    return resnet_step(L, resnet(L, 32, small_stem), (16, 3, 32, 32))


def resnet18_full(L: Any) -> Step:
    """ResNet-18, full width, 64x64, batch 8, SGD: step"""
    return resnet_step(L, resnet(L, 64, large_stem), (8, 3, 64, 64))


def unet_network(L: Any, width: int, depth: int) -> Any:
    """Pairs of convolutions on the way down and up, and what came down beside what goes up."""
    nn = L.nn

    def pair(inputs: int, outputs: int) -> Any:
        parts = [
            (nn.Conv2d(count, outputs, 3, padding=1, bias=False), nn.GroupNorm(8, outputs), nn.ReLU(inplace=True))
            for count in (inputs, outputs)
        ]
        return nn.Sequential(*chain(*parts))

    class UNet(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            widths = [width << i for i in range(depth)]
            self.first, self.last = pair(3, width), nn.Conv2d(width, 10, 1)
            self.pool = nn.MaxPool2d(2)
            self.down = nn.ModuleList(pair(a, b) for a, b in pairwise(widths))
            self.wider = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, 2) for a, b in pairwise(widths))
            self.up = nn.ModuleList(pair(2 * a, a) for a in widths[:-1])

        def forward(self, x: Any) -> Any:
            seen = [self.first(x)]
            for down in self.down:
                seen.append(down(self.pool(seen[-1])))
            x = seen.pop()
            for wider, up in zip(reversed(self.wider), reversed(self.up), strict=True):
                x = up(L.cat([seen.pop(), wider(x)], dim=1))
            return self.last(x)

    return UNet()


def unet(L: Any) -> Step:
    """U-Net with GroupNorm, widths 16 to 128, 64x64, batch 8, Adam: step"""
    model = unet_network(L, 16, 4)
    optimizer = L.optim.Adam(model.parameters(), lr=1e-3)
    images, labels = L.randn(8, 3, 64, 64), L.randint(0, 10, (8, 64, 64))
    criterion = L.nn.CrossEntropyLoss()

    def step() -> None:
        optimizer.zero_grad()
        criterion(model(images), labels).backward()
        optimizer.step()

    return step


ROWS: dict[str, Callable[[Any], Step]] = {row.__name__: row for row in (resnet18, resnet18_full, unet)}
