"""Convolutions as the ops do them, patches as rows of a matrix, with the crew's products: where there are many weights.

The direct way brings the weights into panels for each convolution, which costs more than the patches of few positions.
Images and results are channels last.
"""

from __future__ import annotations

from typing import Any

import numpy

from ..ops.nn import conv
from .convolution_arrays import channels_last
from .products import multiply

MANY = 1 << 17  # weights


def suits(window: Any, images: Any, results: Any) -> bool:
    """Is this a faster way than the direct one for images of that shape and results of that shape?"""
    if window.groups > 1 or min(images[1], results[1]) < conv.FEW:
        return False
    return window.points == 1 or window.points * images[1] * results[1] >= MANY


def correlate(x: Any, w: Any, b: Any, window: Any, out: Any) -> Any:
    """y (n, *out, o) of x (n, *size, c) and w (o, c, *kernel)."""
    return channels_last(conv.correlate(numpy, conv.first(x), w, b, window, out, multiply))


def spread(g: Any, w: Any, b: Any, size: Any, window: Any) -> Any:
    """dx (n, *size, c) of g (n, *out, o)."""
    dx = channels_last(conv.spread(numpy, conv.first(g), w, size, window, multiply))
    return dx if b is None else numpy.add(dx, b, out=dx)


def weight_gradient(x: Any, g: Any, window: Any) -> Any:
    """dw (o, c, *kernel) of x (n, *size, c) and g (n, *out, o)."""
    return conv.weight_gradient(numpy, conv.first(x), conv.first(g), window, multiply)
