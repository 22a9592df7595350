"""Layers that learn the number of their inputs from their first input."""

from __future__ import annotations

from typing import Any

from ...dtypes import int64
from ...tensor.making.creation import tensor
from ..parameter import UninitializedBuffer, UninitializedParameter
from .conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .lazy import LazyModuleMixin
from .linear import Linear
from .norm import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d


class LazyLinear(LazyModuleMixin, Linear):
    """A `Linear` that takes in_features from its first input; see `LazyModuleMixin`."""

    cls_to_become = Linear

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(0, 0, False, device, dtype)
        self.out_features = out_features
        self.weight: Any = UninitializedParameter(device=device, dtype=dtype)
        if bias:
            self.bias = UninitializedParameter(device=device, dtype=dtype)

    def reset_parameters(self) -> None:
        """Draw new first values, when there is a place for them."""
        if not self.has_uninitialized_params() and self.in_features != 0:
            super().reset_parameters()

    def initialize_parameters(self, input: Any) -> None:  # type: ignore[override]
        """Take in_features from the input's last dim."""
        if input.dim() == 0:
            raise IndexError("LazyLinear: wanted an input with at least one dim, met a 0-d tensor")
        in_features = input.shape[-1]
        if self.has_uninitialized_params():
            self.in_features = in_features
            self._materialize(weight=(self.out_features, in_features), bias=(self.out_features,))
            self.reset_parameters()
        self.in_features = self.weight.shape[-1]  # where the weight was loaded


class _LazyConvolution(LazyModuleMixin):
    """What the lazy convolutions share."""

    def _start(self, out_channels: int, bias: bool, device: Any, dtype: Any) -> None:
        self.out_channels = out_channels
        self.weight: Any = UninitializedParameter(device=device, dtype=dtype)
        if bias:
            self.bias: Any = UninitializedParameter(device=device, dtype=dtype)

    def reset_parameters(self) -> None:
        """Draw new first values, when there is a place for them."""
        this: Any = super()
        if not self.has_uninitialized_params() and self.in_channels != 0:
            this.reset_parameters()

    def initialize_parameters(self, input: Any, *args: Any, **kwargs: Any) -> None:
        """Take in_channels from the input."""
        this: Any = self
        channels = self._channels(input)
        if not self.has_uninitialized_params():  # the weight was loaded
            self.in_channels = self.weight.shape[0] if this.transposed else self.weight.shape[1] * this.groups
            return
        if channels % this.groups != 0:
            raise ValueError(f"in_channels must be divisible by groups, met {channels} and {this.groups}")
        self.in_channels = channels
        out = self.out_channels
        ends = (channels, out // this.groups) if this.transposed else (out, channels // this.groups)
        self._materialize(weight=(*ends, *this.kernel_size), bias=(out,))
        self.reset_parameters()

    def _channels(self, input: Any) -> int:
        n = self.dims  # type: ignore[attr-defined]
        if input.dim() not in (n + 1, n + 2):
            raise RuntimeError(
                f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {type(self).__name__}, but got input of "
                f"size: {input.shape}"
            )
        return int(input.shape[-n - 1])


class _LazyForward(_LazyConvolution):
    def __init__(
        self,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode, device, dtype)
        self._start(out_channels, bias, device, dtype)


class _LazyTransposed(_LazyConvolution):
    def __init__(
        self,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        shape = (kernel_size, stride, padding, output_padding, groups)
        super().__init__(0, 0, *shape, False, dilation, padding_mode, device, dtype)
        self._start(out_channels, bias, device, dtype)


class LazyConv1d(_LazyForward, Conv1d):  # type: ignore[misc]
    """A `Conv1d` that takes in_channels from its first input; see `LazyModuleMixin`."""

    cls_to_become = Conv1d


class LazyConv2d(_LazyForward, Conv2d):  # type: ignore[misc]
    """A `Conv2d` that takes in_channels from its first input; see `LazyModuleMixin`."""

    cls_to_become = Conv2d


class LazyConv3d(_LazyForward, Conv3d):  # type: ignore[misc]
    """A `Conv3d` that takes in_channels from its first input; see `LazyModuleMixin`."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyTransposed, ConvTranspose1d):  # type: ignore[misc]
    """A `ConvTranspose1d` that takes in_channels from its first input; see `LazyModuleMixin`."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyTransposed, ConvTranspose2d):  # type: ignore[misc]
    """A `ConvTranspose2d` that takes in_channels from its first input; see `LazyModuleMixin`."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyTransposed, ConvTranspose3d):  # type: ignore[misc]
    """A `ConvTranspose3d` that takes in_channels from its first input; see `LazyModuleMixin`."""

    cls_to_become = ConvTranspose3d


class _LazyNorm(LazyModuleMixin):
    """What the lazy normalisations share."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(0, eps, momentum, False, False, device, dtype)
        place = {"device": device, "dtype": dtype}
        self.affine, self.track_running_stats = affine, track_running_stats
        if affine:
            self.weight: Any = UninitializedParameter(**place)
        if affine and bias:
            self.bias: Any = UninitializedParameter(**place)
        if track_running_stats:
            self.running_mean: Any = UninitializedBuffer(**place)
            self.running_var: Any = UninitializedBuffer(**place)
            self.num_batches_tracked: Any = tensor(0, dtype=int64, device=device)

    def reset_parameters(self) -> None:
        """First values, when there is a place for them."""
        this: Any = super()
        if not self.has_uninitialized_params() and self.num_features != 0:
            this.reset_parameters()

    def initialize_parameters(self, input: Any) -> None:  # type: ignore[override]
        """Take num_features from the input."""
        this: Any = self
        this._check_input_dim(input)
        names = ("weight", "bias", "running_mean", "running_var")
        if not self.has_uninitialized_params():  # they were loaded, or there are none
            self.num_features = next((x.shape[0] for name in names if (x := getattr(self, name)) is not None), 0)
            return
        self.num_features = int(input.shape[0 if self._is_unbatched(input) else 1])
        self._materialize(**dict.fromkeys(names, (self.num_features,)))
        self.reset_parameters()

    def _is_unbatched(self, input: Any) -> bool:
        return False


class _LazyInstanceNorm(_LazyNorm):
    def _is_unbatched(self, input: Any) -> bool:
        return input.dim() == self.dims[0]  # type: ignore[attr-defined, no-any-return]


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):  # type: ignore[misc]
    """A `BatchNorm1d` that takes num_features from its first input; see `LazyModuleMixin`."""

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):  # type: ignore[misc]
    """A `BatchNorm2d` that takes num_features from its first input; see `LazyModuleMixin`."""

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):  # type: ignore[misc]
    """A `BatchNorm3d` that takes num_features from its first input; see `LazyModuleMixin`."""

    cls_to_become = BatchNorm3d


class LazyInstanceNorm1d(_LazyInstanceNorm, InstanceNorm1d):  # type: ignore[misc]
    """An `InstanceNorm1d` that takes num_features from its first input; see `LazyModuleMixin`.

    affine and track_running_stats are true unless said otherwise, as in torch.
    """

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyInstanceNorm, InstanceNorm2d):  # type: ignore[misc]
    """An `InstanceNorm2d` that takes num_features from its first input; see `LazyInstanceNorm1d`."""

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyInstanceNorm, InstanceNorm3d):  # type: ignore[misc]
    """An `InstanceNorm3d` that takes num_features from its first input; see `LazyInstanceNorm1d`."""

    cls_to_become = InstanceNorm3d
