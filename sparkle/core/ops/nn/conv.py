"""Convolution in any number of dims: three ops, each of which is the gradient of the two others.

    y  = correlate(x, w)        Convolution
    dx = spread(g, w)           TransposedConvolution
    dw = correlate(x, g)        ConvolutionWeight

Patches are laid out as rows of a matrix, so that the work is one matrix product; a few images at a time, so that the
patches stay in the cache; and they are made anew in backward, not kept. Results are channels last in memory.
"""

from __future__ import annotations

import itertools
import math

from ...autograd.op import Op, run

FEW = 8  # with fewer channels than this, patches run along a row of the image, not along the channels
PATCH_BYTES = 1 << 22  # patches to make at a time: few enough to stay in the cache, enough for a large product


class Window:
    """How the kernel moves: its size, stride, padding (before, after) and dilation per dim, and the groups."""

    def __init__(self, kernel, stride, padding, dilation, groups=1):
        self.kernel, self.stride, self.padding, self.dilation, self.groups = kernel, stride, padding, dilation, groups
        self.points = math.prod(kernel)
        self.dims = len(kernel)
        self.pointwise = self.points == 1 and set(stride) <= {1} and not any(map(any, padding)) and groups == 1

    def out(self, size):
        """The output's size for an input of that size."""
        return tuple(
            [
                (n + low + high - d * (k - 1) - 1) // s + 1
                for n, k, s, (low, high), d in zip(
                    size, self.kernel, self.stride, self.padding, self.dilation, strict=True
                )
            ]
        )

    def at_once(self, positions, channels, itemsize, weights):
        """How many images to work on at a time."""
        one = max(1, positions * self.points * channels * itemsize)
        return max(1, max(PATCH_BYTES, 2 * weights) // one)


class Patches:
    """The patches of an input (n, c, *size), some images at a time, as matrices with a row for each position.

    A row runs over the kernel's points and then the channels, so that rows are copied in long runs; with few channels
    over the channels and then the points, and the copy is of the matrix's transpose. The buffers are used again.
    """

    def __init__(self, xp, x, window, out, outputs, weights):
        n, c = x.shape[:2]
        self.xp, self.x, self.window, self.out = xp, x, window, out
        self.few = is_few(c, outputs, n * math.prod(out), window)
        self.step = min(n, window.at_once(math.prod(out), c, x.itemsize, weights)) or 1
        self.padded = self.buffer = None

    def chunks(self):
        """The images to work on at a time, as slices."""
        return [slice(i, i + self.step) for i in range(0, self.x.shape[0], self.step)]

    def matrix(self, chunk):
        """The patches of these images; for each group, if there are several."""
        view = self._view(self._pad(self.x[chunk]))
        xp, window = self.xp, self.window
        channels, groups = self.x.shape[1], window.groups
        if groups > 1:
            parted = view.reshape(*view.shape[:-1], groups, channels // groups)
            front = xp.ascontiguousarray(xp.moveaxis(parted, -2, 0))
            return front.reshape(groups, -1, window.points * channels // groups)
        if not view.flags.c_contiguous:
            if self.buffer is None or self.buffer.shape != view.shape:
                self.buffer = xp.empty(view.shape, view.dtype)
            self.buffer[...] = view
            view = self.buffer
        rows = view.reshape((window.points * channels, -1) if self.few else (-1, window.points * channels))
        return rows.T if self.few else rows

    def _pad(self, part):
        """The images with their padding, (n, *size, c) in memory, or (n, c, *size) for few channels."""
        few, widths = self.few, self.window.padding
        if not few:
            part = part.transpose(0, *range(2, part.ndim), 1)
        if not any(map(any, widths)):
            return part if few or part.strides[-1] == part.itemsize else self.xp.ascontiguousarray(part)
        first = 2 if few else 1
        shape, inside = list(part.shape), [slice(None)] * part.ndim
        for i, (low, high) in enumerate(widths, first):
            inside[i] = slice(low, low + shape[i])
            shape[i] += low + high
        if self.padded is None or list(self.padded.shape) != shape:
            self.padded = self.xp.zeros(shape, part.dtype)
        self.padded[tuple(inside)] = part
        return self.padded

    def _view(self, x):
        """The padded images as (n, *out, *kernel, c), or (c, *kernel, n, *out) for few channels, without a copy."""
        window, few = self.window, self.few
        first = 2 if few else 1
        steps = x.strides[first : first + window.dims]
        over = [step * s for step, s in zip(steps, window.stride, strict=True)]
        inner = [step * d for step, d in zip(steps, window.dilation, strict=True)]
        if few:
            shape = (x.shape[1], *window.kernel, x.shape[0], *self.out)
            strides = (x.strides[1], *inner, x.strides[0], *over)
        else:
            shape = (x.shape[0], *self.out, *window.kernel, x.shape[-1])
            strides = (x.strides[0], *over, *inner, x.strides[-1])
        return self.xp.lib.stride_tricks.as_strided(x, shape, strides)


def weight_matrix(xp, w, window, few):
    """w (o, c / groups, *kernel) as a matrix with a column for each output channel, for each group if several."""
    o = w.shape[0]
    if few:
        return w.reshape(o, -1).T
    last = w.transpose(0, *range(2, w.ndim), 1)
    if window.groups == 1:
        return last.reshape(o, -1).T
    return last.reshape(window.groups, o // window.groups, -1).swapaxes(-1, -2)


def split_rows(xp, y, groups):
    """(rows, channels) as (groups, rows, channels / groups); as it is for one group."""
    return y if groups == 1 else y.reshape(y.shape[0], groups, -1).transpose(1, 0, 2)


def last(xp, x):
    """(n, c, *size) as a (n, *size, c) array without gaps."""
    return xp.ascontiguousarray(x.transpose(0, *range(2, x.ndim), 1))


def first(x):
    """(n, *size, c) as (n, c, *size)."""
    return x.transpose(0, x.ndim - 1, *range(1, x.ndim - 1))


def is_few(channels, outputs, positions, window):
    """Do patches run along a row of the image? They do too where laying out the weights would be the larger work."""
    return window.groups == 1 and (channels < FEW or positions < outputs)


def correlate(xp, x, w, b, window, out, product=None):
    """y[n, o, p] = sum over c, k of x[n, c, p stride + k dilation - padding] w[o, c, k]  (+ b[o]), for p below out

    product(a, b, out=None) multiplies matrices; None: as the library does, with which only groups are multiplied.
    """
    n, o = x.shape[0], w.shape[0]
    patches = Patches(xp, x, window, out, o, w.nbytes)
    matrix = weight_matrix(xp, w, window, patches.few)
    y = xp.empty((n, *out, o), x.dtype)
    for chunk in patches.chunks():
        rows = patches.matrix(chunk)
        to = y[chunk].reshape(-1, o)
        if window.groups == 1:
            (product or xp.matmul)(rows, matrix, out=to)
        else:
            to.reshape(to.shape[0], window.groups, -1)[...] = (rows @ matrix).transpose(1, 0, 2)
        if b is not None:
            to += b
    return first(y)


def spread(xp, g, w, size, window, product=None):
    """dx[n, c, p stride + k dilation - padding] += sum over o of g[n, o, p] w[o, c, k], over all p and k"""
    mirrored = mirror(window, g.shape[2:], size)
    # Where dx is much larger than g, most of its patches would be padding; many weights are not laid out anew.
    larger, heavy = math.prod(size) > 2 * math.prod(g.shape[2:]), g[:, 0].size < g.shape[1]
    if mirrored is not None and min(w.shape[:2]) >= FEW and not larger and not heavy:
        flipped = w.swapaxes(0, 1)[(..., *(slice(None, None, -1),) * window.dims)]
        return correlate(xp, g, flipped, None, mirrored, size, product)
    n, o = g.shape[:2]
    out, c = g.shape[2:], w.shape[1] * window.groups
    few = is_few(c, o, n * math.prod(out), window)
    matrix = weight_matrix(xp, w, window, few).swapaxes(-1, -2)
    dx = xp.zeros((n, c, *size) if few else (n, *size, c), g.dtype)
    positions = math.prod(out)
    step = window.at_once(positions, c, g.itemsize, w.nbytes)
    for i in range(0, n, step):
        part = last(xp, g[i : i + step])
        rows = part.reshape(-1, o)
        if few:
            made = (matrix.T @ rows.T).reshape(c, window.points, part.shape[0], *out).swapaxes(0, 2)
        else:
            made = (product or xp.matmul)(split_rows(xp, rows, window.groups), matrix)
            made = made.reshape(window.groups, *part.shape[:-1], window.points, c // window.groups)
            made = xp.moveaxis(made, 0, -2).reshape(*part.shape[:-1], window.points, c)
        add_patches(dx[i : i + step], made, window, out, size, few)
    return dx if few else first(dx)


def mirror(window, out, size):
    """The window with which a convolution with the flipped kernel gives dx, where there is one: for stride 1."""
    if set(window.stride) != {1} or window.groups > 1:
        return None
    widths = []
    for k, (low, _), d, n, m in zip(window.kernel, window.padding, window.dilation, out, size, strict=True):
        reach = d * (k - 1)
        widths.append((reach - low, m - n + low))
    if any(w < 0 for pair in widths for w in pair):
        return None
    return Window(window.kernel, window.stride, tuple(widths), window.dilation)


def add_patches(dx, made, window, out, size, few):
    """Add each point of the kernel's patches where it came from; what came from the padding is dropped."""
    for number, point in enumerate(itertools.product(*map(range, window.kernel))):
        to, by = [], []
        for k, s, (low, _), d, n, m in zip(
            point, window.stride, window.padding, window.dilation, out, size, strict=True
        ):
            shift = k * d - low
            begin = max(0, -(shift // s))  # the first and the last position that falls inside
            end = min(n, (m - 1 - shift) // s + 1)
            if end <= begin:
                break
            by.append(slice(begin, end))
            to.append(slice(begin * s + shift, (end - 1) * s + shift + 1, s))
        else:
            if few:
                dx[(slice(None), slice(None), *to)] += made[(slice(None), number, slice(None), *by)]
            else:
                dx[(slice(None), *to)] += made[(slice(None), *by, number)]


def weight_gradient(xp, x, g, window, product=None):
    """dw[o, c, k] = sum over n, p of x[n, c, p stride + k dilation - padding] g[n, o, p]"""
    c, o, out = x.shape[1], g.shape[1], g.shape[2:]
    groups = window.groups
    patches = Patches(xp, x, window, out, o, window.points * c * o // groups * x.itemsize)
    total = None
    few = xp.empty((o, c, *window.kernel), x.dtype) if patches.few else None  # no view: it becomes a leaf's gradient
    for chunk in patches.chunks():
        rows = split_rows(xp, last(xp, g[chunk]).reshape(-1, o), groups).swapaxes(-1, -2)
        to = few.reshape(o, -1) if patches.few and total is None else None
        got = (product or xp.matmul)(rows, patches.matrix(chunk), out=to)
        if total is None:
            total = got
        else:
            total += got
    if total is None:
        return xp.zeros((o, c // groups, *window.kernel), x.dtype)
    if patches.few:
        return few
    return xp.ascontiguousarray(first(total.reshape(o, *window.kernel, c // groups)))


class Convolution(Op):
    """y[n, o, p] = b[o] + sum over c, k of x[n, c, p stride + k dilation - padding] w[o, c, k]"""

    saves = {"x": 0, "w": 1}
    heavy = True

    def __init__(self, window, out):
        self.window, self.out = window, out

    def forward(self, xp, x, w, b):
        if self.needs[0]:
            self.w = w
        if self.needs[1]:
            self.x = x
        self.size = x.shape[2:]
        return correlate(xp, x, w, b, self.window, self.out)

    def backward(self, xp, g):
        dx = dw = None
        if self.needs[0]:
            dx = run(xp, TransposedConvolution(self.window, self.size), g, self.w, None)
        if self.needs[1]:
            dw = run(xp, ConvolutionWeight(self.window), self.x, g)
        return dx, dw, bias_gradient(xp, g) if self.needs[2] else None


class TransposedConvolution(Op):
    """y[n, c, p stride + k dilation - padding] += b[c] + sum over o of x[n, o, p] w[o, c, k]"""

    saves = {"x": 0, "w": 1}
    heavy = True

    def __init__(self, window, size):
        self.window, self.size = window, size

    def forward(self, xp, x, w, b):
        if self.needs[0]:
            self.w = w
        if self.needs[1]:
            self.x = x
        self.out = x.shape[2:]
        y = spread(xp, x, w, self.size, self.window)
        if b is not None:
            y += b.reshape(-1, *(1,) * self.window.dims)
        return y

    def backward(self, xp, g):
        dx = dw = None
        if self.needs[0]:
            dx = run(xp, Convolution(self.window, self.out), g, self.w, None)
        if self.needs[1]:
            dw = run(xp, ConvolutionWeight(self.window), g, self.x)
        return dx, dw, bias_gradient(xp, g) if self.needs[2] else None

    def name(self):
        return "ConvolutionBackward0"


class ConvolutionWeight(Op):
    """dw[o, c, k] = sum over n, p of x[n, c, p stride + k dilation - padding] g[n, o, p]"""

    saves = {"x": 0, "g": 1}
    heavy = True

    def __init__(self, window):
        self.window = window

    def forward(self, xp, x, g):
        if self.needs[0]:
            self.g = g
        if self.needs[1]:
            self.x = x
        self.size, self.out = x.shape[2:], g.shape[2:]
        return weight_gradient(xp, x, g, self.window)

    def backward(self, xp, h):
        dx = dg = None
        if self.needs[0]:
            dx = run(xp, TransposedConvolution(self.window, self.size), self.g, h, None)
        if self.needs[1]:
            dg = run(xp, Convolution(self.window, self.out), self.x, h, None)
        return dx, dg


def bias_gradient(xp, g):
    """The sum over all but the channels."""
    return xp.sum(g, axis=(0, *range(2, g.ndim)))
