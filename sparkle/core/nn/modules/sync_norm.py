"""Batch normalisation over the batches of several processes."""

from __future__ import annotations

from typing import Any

from .norm import _BatchNorm


class SyncBatchNorm(_BatchNorm):
    """`BatchNorm2d` for inputs (N, C, ...) of any number of dims, with statistics over all processes of a group.

    Only one process is supported as yet: then it computes what batch normalisation does. process_group: None only,
    NotImplementedError otherwise. Raises ValueError for inputs of fewer than two dims or without channels.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        _check_group(process_group)
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)
        self.process_group = process_group

    def _check_input_dim(self, input: Any) -> None:
        if input.dim() < 2:
            raise ValueError(f"expected at least 2D input (got {input.dim()}D input)")
        if input.shape[1] == 0:
            raise ValueError(
                f"SyncBatchNorm number of input channels should be non-zero, met an input of {tuple(input.shape)}"
            )

    @classmethod
    def convert_sync_batchnorm(cls, module: Any, process_group: Any = None) -> Any:
        """The module with a `SyncBatchNorm` in the place of every batch norm, which shares its tensors.

        The module itself is changed, unless it is a batch norm: then the new one is returned.

        >>> import sparkle
        >>> SyncBatchNorm.convert_sync_batchnorm(sparkle.nn.Sequential(sparkle.nn.BatchNorm1d(2)))
        Sequential(
          (0): SyncBatchNorm(2, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
        )
        """
        _check_group(process_group)
        converted = cls._like(module, process_group) if isinstance(module, _BatchNorm) else module
        for name, child in module.named_children():
            converted.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return converted

    @classmethod
    def _like(cls, norm: Any, process_group: Any) -> Any:
        converted = SyncBatchNorm(
            norm.num_features,
            norm.eps,
            norm.momentum,
            norm.affine,
            norm.track_running_stats,
            process_group,
            bias=norm.bias is not None,
        )
        converted.training = norm.training
        for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
            setattr(converted, name, getattr(norm, name))
        return converted


def _check_group(group: Any) -> None:
    if group is not None:
        raise NotImplementedError(
            f"SyncBatchNorm: process groups are not supported as yet, wanted process_group=None, met {group!r}"
        )
