"""What a training step of a network for images costs: each row is written once, for whichever library it is given.

A row takes a library L, the module `sparkle` or `torch`, and returns the function that is timed. Its docstring is the
row's description.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from .training_rows import Step, classifier_step


def conv_norm(L: Any, inputs: int, outputs: int, size: int = 3, stride: int = 1) -> Any:
    """A convolution that keeps the image's size, but for the stride, and a norm."""
    convolution = L.nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    return L.nn.Sequential(convolution, L.nn.BatchNorm2d(outputs))


def resnet(L: Any, width: int) -> Any:
    """ResNet-18 with the stem for small images: 3x3, no pooling."""
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

    layers = [conv_norm(L, 3, width), nn.ReLU(inplace=True)]
    inputs = width
    for stage in range(4):
        outputs = width << stage
        layers += [Block(inputs, outputs, 2 if stage else 1), Block(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))


def resnet18(L: Any) -> Step:
    """ResNet-18, width 32, 32x32, batch 16, SGD: step"""
    model = resnet(L, 32)
    optimizer = L.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    return classifier_step(L, model, optimizer, (16, 3, 32, 32))


def unet_network(L: Any, width: int, depth: int) -> Any:
    """Pairs of convolutions on the way down and up, and what came down beside what goes up."""
    nn = L.nn

    def pair(inputs: int, outputs: int) -> Any:
        parts = [conv_norm(L, inputs, outputs), nn.ReLU(inplace=True)]
        return nn.Sequential(*parts, conv_norm(L, outputs, outputs), nn.ReLU(inplace=True))

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
    """U-Net, widths 16 to 128, 64x64, batch 8, Adam: step"""
    model = unet_network(L, 16, 4)
    optimizer = L.optim.Adam(model.parameters(), lr=1e-3)
    images, labels = L.randn(8, 3, 64, 64), L.randint(0, 10, (8, 64, 64))
    criterion = L.nn.CrossEntropyLoss()

    def step() -> None:
        optimizer.zero_grad()
        criterion(model(images), labels).backward()
        optimizer.step()

    return step


ROWS: dict[str, Callable[[Any], Step]] = {row.__name__: row for row in (resnet18, unet)}
