"""Rearrangements of channels: between channels and pixels, and between groups of channels."""

from __future__ import annotations

from typing import Any

from ...tensor.functions.pointwise.unary import check_tensor
from ...tensor.functions.shaping.shape import permute, reshape


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """(..., c r², h, w) to (..., c, h r, w r), r the upscale_factor (Shi et al., 2016).

    RuntimeError for fewer than three dims, r < 1, or channels that r² does not divide.

    >>> import sparkle
    >>> pixel_shuffle(sparkle.arange(4.0).reshape(4, 1, 1), 2).tolist()
    [[[0.0, 1.0], [2.0, 3.0]]]
    """
    *lead, c, h, w = _image(input, "pixel_shuffle")
    r = _factor(upscale_factor, "pixel_shuffle: upscale_factor")
    if c % (r * r):
        raise RuntimeError(
            f"pixel_shuffle: input's channels must be divisible by the square of upscale_factor, met {c} and {r}"
        )
    n = len(lead)
    parts = reshape(input, (*lead, c // (r * r), r, r, h, w))
    return reshape(permute(parts, (*range(n), n, n + 3, n + 1, n + 4, n + 2)), (*lead, c // (r * r), h * r, w * r))


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """(..., c, h r, w r) to (..., c r², h, w), r the downscale_factor: `pixel_shuffle` undone.

    RuntimeError for fewer than three dims, r < 1, or a height or width that r does not divide.
    """
    *lead, c, h, w = _image(input, "pixel_unshuffle")
    r = _factor(downscale_factor, "pixel_unshuffle: downscale_factor")
    if h % r or w % r:
        raise RuntimeError(
            f"pixel_unshuffle: height and width must be divisible by downscale_factor, met {h}, {w} and {r}"
        )
    n = len(lead)
    parts = reshape(input, (*lead, c, h // r, r, w // r, r))
    return reshape(permute(parts, (*range(n), n, n + 2, n + 4, n + 1, n + 3)), (*lead, c * r * r, h // r, w // r))


def channel_shuffle(input: Any, groups: int) -> Any:
    """(n, g k, ...): channels ordered by group, to channels ordered by place in the group (Zhang et al., 2018).

    RuntimeError for fewer than three dims, groups < 1, or channels that groups does not divide.

    >>> import sparkle
    >>> channel_shuffle(sparkle.arange(4.0).reshape(1, 4, 1), 2).flatten()
    tensor([0., 2., 1., 3.])
    """
    check_tensor(input, "channel_shuffle")
    shape = input.array.shape
    if len(shape) < 3:
        raise RuntimeError(f"channel_shuffle: expected input with more than two dims, met {list(shape)}")
    g = _factor(groups, "channel_shuffle: groups")
    if shape[1] % g:
        raise RuntimeError(f"channel_shuffle: channels must be divisible by groups, met {shape[1]} and {g}")
    parts = reshape(input, (shape[0], g, shape[1] // g, *shape[2:]))
    return reshape(permute(parts, (0, 2, 1, *range(3, len(shape) + 1))), shape)


def _image(input: Any, where: str) -> tuple[int, ...]:
    check_tensor(input, where)
    shape: tuple[int, ...] = input.array.shape
    if len(shape) < 3:
        raise RuntimeError(f"{where}: expected input with at least three dims, met {list(shape)}")
    return shape


def _factor(value: Any, what: str) -> int:
    if not hasattr(value, "__index__"):
        raise TypeError(f"{what} must be int, not {type(value).__name__}")
    if value < 1:
        raise RuntimeError(f"{what} must be positive, met {value}")
    return int(value)
