"""L-BFGS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import backend
from ...tensor.base import wrap
from ...tensor.write import touch_all
from ..checks import check_not_negative, number
from ..optimizer import Optimizer
from .line_search import Trial, strong_wolfe


class LBFGS(Optimizer):
    """Newton steps with the curvature of the last history_size steps (Liu & Nocedal, 1989). For full batches.

    One `step` makes up to max_iter iterations, with up to max_eval evaluations (None: max_iter · 5/4), and stops when
    no gradient is above tolerance_grad, or nothing changes by more than tolerance_change. The steps have the length lr,
    or with line_search_fn="strong_wolfe" one that meets the strong Wolfe conditions. The closure clears the gradients,
    computes the loss, calls backward, and returns the loss. All parameters are in one group, on one device; the state
    is that of the first of them. Raises ValueError for a negative lr and for several groups, RuntimeError for another
    line search.

    >>> import sparkle
    >>> x = sparkle.tensor([3.0, -2.0], requires_grad=True)
    >>> optimizer = LBFGS([x], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((x - 1) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure).item()
    13.0
    >>> [round(v, 4) for v in x.tolist()]
    [1.0, 1.0]
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_not_negative(learning_rate=lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError(
                f"LBFGS doesn't support per-parameter options (parameter groups), met {len(self.param_groups)} groups"
            )

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Make up to max_iter iterations; returns the loss before them."""
        if not callable(closure):
            raise TypeError(f"LBFGS.step: needs a closure that evaluates the loss, met {closure!r}")
        group = self.param_groups[0]
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise RuntimeError(f"only 'strong_wolfe' is supported as line_search_fn, met {group['line_search_fn']!r}")
        line = _Line(group["params"], lambda: self._evaluate(closure))
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first = line.evaluate()
        state["func_evals"] += 1
        if line.gradient.size and line.steepest() > group["tolerance_grad"]:
            memory = _Memory(state, group["history_size"])
            _iterate(line, memory, group, state)
            memory.save(state)
        return first


def _iterate(line: _Line, memory: _Memory, group: dict[str, Any], state: dict[str, Any]) -> None:
    """Iterations until one of the limits is met."""
    evaluations, lr = 1, number(group["lr"])
    for i in range(1, group["max_iter"] + 1):
        state["n_iter"] += 1
        memory.turn(line, restart=state["n_iter"] == 1)
        direction = memory.direction
        memory.step = lr if state["n_iter"] > 1 else min(1.0, 1.0 / float(abs(line.gradient).sum())) * lr
        slope = float(line.gradient @ direction)
        if slope > -group["tolerance_change"]:
            return
        if group["line_search_fn"]:
            used = line.search(memory, slope, group["max_eval"] - evaluations)
        else:
            line.move(direction, memory.step)
            used = int(i < group["max_iter"])  # what the last step leads to is for the next call to find out
            if used:
                line.evaluate()
        evaluations += used
        state["func_evals"] += used
        if (
            evaluations >= group["max_eval"]
            or line.steepest() <= group["tolerance_grad"]
            or float(abs(direction * memory.step).max()) <= group["tolerance_change"]
            or abs(line.loss - memory.loss) < group["tolerance_change"]
        ):
            return


class _Line:
    """All parameters as one vector: their present loss and gradient, and moves along a direction."""

    loss: float
    gradient: Any

    def __init__(self, params: list[Any], closure: Callable[[], Any]) -> None:
        self.params = list(dict.fromkeys(params))
        self.closure = closure
        self.xp = backend.library(self.params[0].array)

    def evaluate(self) -> Any:
        """Note the loss and the gradient where the parameters are; returns what the closure gave."""
        result = self.closure()
        self.loss = float(result)
        self.gradient = self.xp.concatenate([self._gradient(p).reshape(-1) for p in self.params])
        return result

    def _gradient(self, p: Any) -> Any:
        return self.xp.zeros_like(p.array) if p.grad_value is None else p.grad_value.array

    def steepest(self) -> float:
        """The largest element of the gradient."""
        return float(abs(self.gradient).max())

    def move(self, direction: Any, step: float) -> None:
        """Add so many times the direction to the parameters."""
        start = 0
        for p in self.params:
            part = direction[start : start + p.array.size]
            p.array[...] += step * part.reshape(p.array.shape)
            start += p.array.size
        touch_all(self.params)

    def search(self, memory: _Memory, slope: float, most: int) -> int:
        """Go to a point that a line search finds, and note its step; returns how many were evaluated."""
        direction = memory.direction
        home = [p.array.copy() for p in self.params]

        def attempt(step: float) -> Trial:
            self.move(direction, step)
            self.evaluate()
            for p, array in zip(self.params, home, strict=True):
                p.array[...] = array
            touch_all(self.params)
            return Trial(step, self.loss, self.gradient, float(self.gradient @ direction))

        start = Trial(0.0, self.loss, self.gradient, slope)
        found, used = strong_wolfe(attempt, start, memory.step, float(abs(direction).max()), most=most)
        memory.step, self.loss, self.gradient, _ = found
        self.move(direction, memory.step)
        return used


class _Memory:
    """The last steps and how the gradient changed in them, which tell the curvature; read from and kept in the state.

    The names in the state are torch's: changes "old_dirs", steps "old_stps", 1/(change·step) "ro", the curvature's
    scale "H_diag".
    """

    def __init__(self, state: dict[str, Any], size: int) -> None:
        self.size = size
        self.direction, self.gradient = (_array(state.get(name)) for name in ("d", "prev_flat_grad"))
        self.step, self.loss = number(state.get("t") or 0.0), number(state.get("prev_loss") or 0.0)
        self.changes = [tensor.array for tensor in state.get("old_dirs") or ()]
        self.steps = [tensor.array for tensor in state.get("old_stps") or ()]
        self.inverses = [number(value) for value in state.get("ro") or ()]
        self.scale = number(state.get("H_diag", 1.0))

    def save(self, state: dict[str, Any]) -> None:
        """Put everything into the state."""
        state["d"], state["t"] = wrap(self.direction), self.step
        state["old_dirs"], state["old_stps"] = [wrap(a) for a in self.changes], [wrap(a) for a in self.steps]
        state["ro"], state["H_diag"] = list(self.inverses), self.scale
        state["prev_flat_grad"], state["prev_loss"] = wrap(self.gradient), self.loss

    def turn(self, line: _Line, restart: bool) -> None:
        """The direction from where the line's parameters are."""
        if restart:
            self.changes, self.steps, self.inverses, self.scale = [], [], [], 1.0
        else:
            self._learn(line.gradient - self.gradient, self.direction * self.step)
        self.direction = self._downhill(line.gradient)
        self.gradient, self.loss = line.gradient, line.loss

    def _learn(self, change: Any, step: Any) -> None:
        """Take note of the last step, unless its curvature is not positive."""
        curvature = float(change @ step)
        if curvature <= 1e-10:
            return
        for entries, new in (self.changes, change), (self.steps, step), (self.inverses, 1.0 / curvature):
            if len(entries) == self.size:
                entries.pop(0)
            entries.append(new)
        self.scale = curvature / float(change @ change)

    def _downhill(self, gradient: Any) -> Any:
        """-H·gradient, with H the inverse of the curvature, by the two-loop recursion."""
        pairs = list(zip(self.changes, self.steps, self.inverses, strict=True))
        r = -gradient
        shares = []
        for change, step, inverse in reversed(pairs):
            shares.append(inverse * float(step @ r))
            r -= shares[-1] * change
        r *= self.scale
        for (change, step, inverse), share in zip(pairs, reversed(shares), strict=True):
            r += (share - inverse * float(change @ r)) * step
        return r


def _array(tensor: Any) -> Any:
    return None if tensor is None else tensor.array
