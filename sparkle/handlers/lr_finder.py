"""A learning rate from a short trial run."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from ..engine import Engine
from ._groups import check_optimizer, set_in_groups
from ._objects import check_objects, load_all, match, state_of
from ._plotting import pyplot
from ._range_test import RangeTest
from ._values import as_number


def _identity(output: Any) -> Any:
    return output


class FastaiLRFinder:
    """Runs a trainer with growing learning rates until the loss diverges, and tells where it fell fastest.

    The range test of Smith (2015), smoothed and stopped as fastai does. The trainer, the model and the optimizer are
    as before afterwards, also when the run has failed.

    Example:
        >>> import sparkle
        >>> from sparkle.engine import create_supervised_trainer
        >>> _ = sparkle.manual_seed(0)
        >>> model = sparkle.nn.Linear(2, 1)
        >>> optimizer = sparkle.optim.SGD(model.parameters(), lr=1e-3)
        >>> trainer = create_supervised_trainer(model, optimizer, sparkle.nn.MSELoss())
        >>> x = sparkle.randn(8, 2)
        >>> finder = FastaiLRFinder()
        >>> with finder.attach(trainer, {"model": model, "optimizer": optimizer}, num_iter=60) as trial:
        ...     _ = trial.run([(x, x.sum(1, keepdim=True))] * 60)
        >>> 1e-3 < finder.lr_suggestion() < 10, optimizer.param_groups[0]["lr"]
        (True, 0.001)
    """

    def __init__(self) -> None:
        self._history: dict[str, list[Any]] = {}

    @contextmanager
    def attach(
        self,
        trainer: Engine,
        to_save: Mapping[str, Any],
        output_transform: Callable[[Any], Any] = _identity,
        num_iter: int | None = None,
        start_lr: float | list[float] | None = None,
        end_lr: float | list[float] | None = 10.0,
        step_mode: str = "exp",
        smooth_f: float = 0.05,
        diverge_th: float = 5.0,
    ) -> Iterator[Engine]:
        """Context manager that gives the trainer to run; at its end all is as before, and the results are there.

        Args:
            trainer: the engine that trains.
            to_save: what the run changes, by name: "optimizer", the model and whatever else has a state.
            output_transform: engine.state.output -> the loss, a number or an array or tensor of one element.
            num_iter: iterations to run; those of `trainer.run` by default. More than these make further epochs.
            start_lr: the first rate, or a list of one for each group; the groups' own by default.
            end_lr: the last rate, or a list of one for each group.
            step_mode: "exp", by equal factors, or "linear", by equal steps.
            smooth_f: weight of the newest loss in the running average, in [0, 1); 0 for no average.
            diverge_th: stop when the loss is so many times the best one; at least 1.

        Raises:
            TypeError: to_save, num_iter, start_lr, end_lr or an object in to_save is of the wrong kind.
            ValueError: no "optimizer", a number out of its range, start_lr not below end_lr, a wrong number of rates.
        """
        check_objects(to_save, "to_save", "state_dict", "load_state_dict")
        if "optimizer" not in to_save:
            raise ValueError(f"Mapping to_save should contain 'optimizer' key, but has {list(to_save)}")
        optimizer = to_save["optimizer"]
        check_optimizer(optimizer, "to_save['optimizer']")
        _check_options(num_iter, step_mode, smooth_f, diverge_th)
        starts, ends = _both_rates(optimizer.param_groups, start_lr, end_lr, step_mode)
        states, trainer_state = deepcopy(state_of(to_save)), deepcopy(trainer.state_dict())
        test = RangeTest(
            optimizer.param_groups, output_transform, num_iter, starts, ends, step_mode, smooth_f, diverge_th
        )
        self._history = test.history
        handles = test.attach(trainer)
        try:
            yield trainer
        finally:
            for handle in handles:
                handle.remove()
            load_all(list(match(to_save, states)), {})
            trainer.load_state_dict(trainer_state)

    def get_results(self) -> dict[str, list[Any]]:
        """Return {"lr": [...], "loss": [...]}, one entry for each iteration: the rate used (a list, with several
        groups) and the smoothed loss.
        """
        return self._history

    def lr_suggestion(self) -> Any:
        """Return the rate at which the loss fell fastest, before it was at its lowest; a list, with several groups.

        Raises:
            RuntimeError: there was no run, or the loss did not fall for three iterations.
        """
        index = self._suggested_index()
        return self._history["lr"][index]

    def _suggested_index(self) -> int:
        losses = self._history.get("loss", [])
        if not losses:
            raise RuntimeError("learning rate finder didn't run yet so lr_suggestion can't be returned")
        lowest = min(range(len(losses)), key=lambda i: losses[i] if math.isfinite(losses[i]) else math.inf)
        if lowest < 2:
            raise RuntimeError(
                f"FastaiLRFinder got unexpected curve shape (lowest loss at iteration {lowest + 1} of {len(losses)}), "
                "the curve should be somehow U-shaped, please decrease start_lr or increase end_lr to resolve this "
                "issue."
            )
        return min(range(1, lowest), key=lambda i: losses[i + 1] - losses[i - 1])

    def apply_suggested_lr(self, optimizer: Any) -> None:
        """Set the suggested rates in the groups of an optimizer.

        Raises:
            RuntimeError: there is no suggestion, or the optimizer has another number of groups.
        """
        suggestion = self.lr_suggestion()
        rates = suggestion if isinstance(suggestion, list) else [suggestion]
        if len(rates) != len(optimizer.param_groups):
            raise RuntimeError(
                "The number of parameter groups does not match between given optimizer and the one used for estimating "
                f"the learning rate: {len(optimizer.param_groups)} vs {len(rates)}"
            )
        set_in_groups(optimizer.param_groups, "lr", rates)

    def plot(
        self,
        skip_start: int = 10,
        skip_end: int = 5,
        log_lr: bool = True,
        display_suggestion: bool = True,
        ax: Any | None = None,
        **kwargs: Any,
    ) -> Any:
        """Draw the loss over the rate with matplotlib, show it where there is a screen, and return the axes.

        Args:
            skip_start, skip_end: iterations to leave out.
            log_lr: logarithmic rates.
            display_suggestion: mark the suggested rate.
            ax: axes to draw into; otherwise new ones, of `plt.subplots(**kwargs)`.

        Raises:
            ModuleNotFoundError: matplotlib is not installed (the extra `plot`).
            RuntimeError: there was no run.
            ValueError: a negative skip_start or skip_end, or nothing is left to draw.
        """
        plt = pyplot("FastaiLRFinder.plot")
        if not self._history.get("lr"):
            raise RuntimeError("learning rate finder didn't run yet so results can't be plotted")
        lrs, losses = (_cut(self._history[name], skip_start, skip_end) for name in ("lr", "loss"))
        if ax is None:
            _, ax = plt.subplots(**kwargs)
        ax.plot(lrs, losses)
        if display_suggestion:
            self._mark_suggestion(ax, skip_start)
        if log_lr:
            ax.set_xscale("log")
        if len(lrs) > 1:
            ax.set_xlim(_chosen(lrs[0], min), _chosen(lrs[-1], max))
        ax.set_xlabel("Learning rate")
        ax.set_ylabel("Loss")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*non-interactive")
            plt.show()
        return ax

    def _mark_suggestion(self, ax: Any, skip_start: int) -> None:
        index = self._suggested_index()
        if skip_start > index:
            warnings.warn(
                "skip_start is larger than the suggested LR found and it will not be visible on the plot. "
                "Please, make the value smaller.",
                UserWarning,
                stacklevel=3,
            )
        rates = self._history["lr"][index]
        for group, rate in enumerate(rates if isinstance(rates, list) else [rates]):
            colour = None if isinstance(rates, list) else "red"
            label = f"suggested lr for param_groups {group}"
            ax.scatter(rate, self._history["loss"][index], color=colour, s=75, marker="o", zorder=3, label=label)
        ax.legend()


def _check_options(num_iter: Any, step_mode: str, smooth_f: float, diverge_th: float) -> None:
    if not 0 <= smooth_f < 1:
        raise ValueError(f"smooth_f is outside the range [0, 1]: met {smooth_f}, wanted 0 <= smooth_f < 1")
    if not diverge_th >= 1:
        raise ValueError(f"diverge_th should be larger than 1, but given {diverge_th}")
    if step_mode not in ("exp", "linear"):
        raise ValueError(f"step_mode should be 'exp' or 'linear', but given {step_mode!r}")
    if num_iter is not None and (not isinstance(num_iter, int) or isinstance(num_iter, bool)):
        raise TypeError(f"if provided, num_iter should be an integer, but given {num_iter!r}")
    if num_iter is not None and num_iter <= 0:
        raise ValueError(f"if provided, num_iter should be positive, but given {num_iter}")


def _both_rates(groups: Any, start_lr: Any, end_lr: Any, step_mode: str) -> tuple[list[float], list[float]]:
    """The first and the last rate of each group."""
    if start_lr is None:
        start_lr = [as_number(group["lr"]) for group in groups]
    starts, ends = _for_each("start_lr", start_lr, len(groups)), _for_each("end_lr", end_lr, len(groups))
    for start, end in zip(starts, ends, strict=True):
        if start >= end:
            raise ValueError(f"start_lr must be less than end_lr, start_lr={start_lr} vs end_lr={end_lr}")
        if step_mode == "exp" and start <= 0:
            raise ValueError(
                f"start_lr must be above 0 to grow by equal factors, but is {start}; or step_mode='linear'"
            )
    return starts, ends


def _for_each(name: str, value: Any, count: int) -> list[float]:
    if isinstance(value, list):
        if len(value) != count:
            raise ValueError(
                f"Number of values of {name} should be equal to optimizer values. {name} values:{len(value)} "
                f"optimizer values: {count}"
            )
        return value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name} should be a float or list of floats, but given {type(value)}")
    return [float(value)] * count


def _cut(values: list[Any], skip_start: int, skip_end: int) -> list[Any]:
    for name, skip in (("skip_start", skip_start), ("skip_end", skip_end)):
        if skip < 0:
            raise ValueError(f"{name} cannot be negative, but is {skip}")
    kept = values[skip_start : len(values) - skip_end]
    if not kept:
        raise ValueError(
            f"nothing to plot: skip_start={skip_start} and skip_end={skip_end} leave none of {len(values)} iterations"
        )
    return kept


def _chosen(entry: Any, choose: Callable[[list[float]], float]) -> float:
    return choose(entry) if isinstance(entry, list) else entry
