"""The order of convolutions' weights in memory: `sparkle.nn.utils.memory_format`."""

from __future__ import annotations

from typing import Any

from ..modules.conv import Conv2d, Conv3d, ConvTranspose2d, ConvTranspose3d


def convert_conv2d_weight_memory_format(module: Any, memory_format: Any) -> Any:
    """Put the weights of all 2d convolutions, in the module and below, into a memory format; returns the module.

    memory_format: such as `sparkle.channels_last`. Values and shapes stay.

    >>> import sparkle
    >>> layer = convert_conv2d_weight_memory_format(sparkle.nn.Conv2d(3, 4, 2), sparkle.channels_last)
    >>> layer.weight.stride()
    (12, 1, 6, 3)
    """
    return _convert(module, memory_format, (Conv2d, ConvTranspose2d))


def convert_conv3d_weight_memory_format(module: Any, memory_format: Any) -> Any:
    """Put the weights of all 3d convolutions, in the module and below, into a memory format; returns the module.

    memory_format: such as `sparkle.channels_last_3d`. Values and shapes stay.
    """
    return _convert(module, memory_format, (Conv3d, ConvTranspose3d))


def _convert(root: Any, memory_format: Any, kinds: tuple[type[Any], ...]) -> Any:
    for module in root.modules():
        if isinstance(module, kinds):
            module.weight.data = module.weight.detach().clone(memory_format=memory_format)
    return root
