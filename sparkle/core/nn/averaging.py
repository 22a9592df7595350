"""Averages of a model's parameters over its training."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from ..tensor.base import TensorBase
from ..tensor.making.creation import tensor
from ..tensor.switches import no_grad
from .base.module import Module
from .modules.norm import _BatchNorm

Average = Callable[[Any, Any, Any], Any]  # (average, new value, how many it is of) -> the new average
AverageAll = Callable[[list[Any], list[Any], Any], None]  # the same for lists, whose averages are changed in place


def _check_decay(decay: float) -> None:
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """The exponential moving average of one tensor: decay·average + (1 - decay)·new."""
    _check_decay(decay)

    def ema_update(average: Any, new: Any, count: Any) -> Any:
        with no_grad():
            return decay * average + (1 - decay) * new

    return ema_update


def get_swa_avg_fn() -> Average:
    """The mean of one tensor: average + (new - average) / (count + 1)."""

    def swa_update(average: Any, new: Any, count: Any) -> Any:
        with no_grad():
            return average + (new - average) / (count + 1)

    return swa_update


def get_ema_multi_avg_fn(decay: float = 0.999) -> AverageAll:
    """The exponential moving average of many tensors, in place."""
    return _in_place(get_ema_avg_fn(decay))


def get_swa_multi_avg_fn() -> AverageAll:
    """The mean of many tensors, in place."""
    return _in_place(get_swa_avg_fn())


def _in_place(average_of: Average) -> AverageAll:
    def update(averages: list[Any], news: list[Any], count: Any) -> None:
        count = count.array.item() if isinstance(count, TensorBase) else count
        with no_grad():
            for average, new in zip(averages, news, strict=True):
                average.copy_(average_of(average, new, count))

    return update


class AveragedModel(Module):
    """A copy of a model whose parameters are an average of those that the model goes through.

    `update_parameters(model)` takes the model's present ones in: the first time they are copied, then averaged with
    equal weights (stochastic weight averaging, Izmailov et al., 2018), or as avg_fn(average, new, count) or
    multi_avg_fn(averages, news, count), which writes into its first list, say: `get_ema_multi_avg_fn` gives the
    exponential moving average. The buffers are averaged too with use_buffers, else copied. The state dict holds the
    copy as "module." and the count as "n_averaged", not the functions.
    Raises AssertionError for both functions at once, RuntimeError in updates from a model of other shapes.

    >>> import sparkle
    >>> model = sparkle.nn.Linear(1, 1, bias=False)
    >>> averaged = AveragedModel(model)
    >>> for value in (1.0, 2.0, 6.0):
    ...     _ = sparkle.nn.init.constant_(model.weight, value)
    ...     averaged.update_parameters(model)
    >>> averaged.module.weight.item(), averaged.n_averaged.item()
    (3.0, 3)
    """

    n_averaged: Any

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: AverageAll | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = copy.deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", tensor(0, device=device))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the averaged model gives."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the model's present parameters into the average."""
        averages, news = self._pairs(model)
        buffers = list(zip(self.module.buffers(), model.buffers(), strict=True))
        with no_grad():
            if self.n_averaged.item() == 0:
                _copy_all(zip(averages, news, strict=True))
            elif averages:
                self._average(averages, news)
            if not self.use_buffers:
                _copy_all(buffers)
            self.n_averaged.add_(1)

    def _pairs(self, model: Module) -> tuple[list[Any], list[Any]]:
        """What is averaged here, and the model's part of it."""
        mine, others = ([*m.parameters(), *(m.buffers() if self.use_buffers else ())] for m in (self.module, model))
        if [p.shape for p in mine] != [p.shape for p in others]:
            shapes = [[tuple(p.shape) for p in tensors] for tensors in (mine, others)]
            raise RuntimeError(
                "AveragedModel.update_parameters: the model must have tensors of the same shapes as the averaged one, "
                f"{shapes[0]}; it has {shapes[1]}"
            )
        return [p.detach() for p in mine], [o.detach().to(p.device) for p, o in zip(mine, others, strict=True)]

    def _average(self, averages: list[Any], news: list[Any]) -> None:
        average_all = self.multi_avg_fn
        if average_all is None:
            average_of = self.avg_fn or get_swa_avg_fn()
            for average, new in zip(averages, news, strict=True):
                average.copy_(average_of(average, new, self.n_averaged.to(average.device)))
            return
        alike: dict[Any, tuple[list[Any], list[Any]]] = {}
        for average, new in zip(averages, news, strict=True):
            pair = alike.setdefault((average.device, average.dtype), ([], []))
            pair[0].append(average)
            pair[1].append(new)
        for (device, _), pair in alike.items():
            average_all(*pair, self.n_averaged.to(device))


def _copy_all(pairs: Iterable[tuple[Any, Any]]) -> None:
    for target, source in pairs:
        target.detach().copy_(source.detach())


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the running statistics of the model's batch norms anew, as plain means over the loader's batches.

    A batch is a tensor, or a list or tuple whose first entry is the model's input. Modes and momenta are as before
    afterwards. A model without batch norms is left alone.
    """
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    if not norms:
        return
    momenta, was_training = [norm.momentum for norm in norms], model.training
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    model.train()
    try:
        with no_grad():
            for batch in loader:
                x = batch[0] if isinstance(batch, (list, tuple)) else batch
                model(x if device is None else x.to(device))
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        model.train(was_training)
