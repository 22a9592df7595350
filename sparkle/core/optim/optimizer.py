"""The base of all optimizers: parameter groups, state, hooks, and the state dict."""

from __future__ import annotations

import copy
import functools
import itertools
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from ..autograd.op import HookHandle
from ..tensor.base import TensorBase, wrap
from ..tensor.making.creation import tensor
from ..tensor.switches import enable_grad, no_grad
from ..tensor.write import touch


class _Required:
    """Stands for a default that every group must give."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


class Optimizer:
    """Updates parameters from their gradients. A subclass gives `step`.

    params: an iterable of tensors, of (name, tensor) pairs, or of dicts, each a group with its own options under
    "params" and the options' names. defaults: the options of groups that do not say otherwise.
    `param_groups` is a list of dicts; `state` maps a parameter to a dict of what is remembered of it.

    Raises ValueError for no parameters, tensors that are no leaves or stand in two groups, TypeError for other things.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = _with_hooks(cls.step)  # type: ignore[method-assign]

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, TensorBase):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"{type(params).__name__}"
            )
        self.defaults = defaults
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        self._clear_passing()
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def _clear_passing(self) -> None:
        """What is not part of the state that is saved."""
        self._before_step: list[Any] = []
        self._after_step: list[Any] = []
        self._before_saving: list[Any] = []
        self._after_saving: list[Any] = []
        self._before_loading: list[Any] = []
        self._after_loading: list[Any] = []
        self._stepping = False
        self._watched = False  # by a learning rate scheduler, which wants to know:
        self._stepped = False

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._clear_passing()
        self.__dict__.update(state)

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            lines = [f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params"]
            text += f"\nParameter Group {i}\n" + "".join(lines)
        return text + ")"

    # Parameters.

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Take over more parameters: {"params": ..., and options that differ from the defaults}."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        param_group["params"] = [params] if isinstance(params, TensorBase) else list(params)
        _split_names(param_group)
        for p in param_group["params"]:
            _check_param(p)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        self._check_apart(param_group)
        self.param_groups.append(param_group)

    def _check_apart(self, param_group: dict[str, Any]) -> None:
        """No parameter in two groups; names in all groups or in none."""
        params = param_group["params"]
        if len(params) != len(set(params)):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; each is updated once a step",
                stacklevel=5,
            )
        named = "param_names" in param_group
        for group in self.param_groups:
            if named != ("param_names" in group):
                raise ValueError(
                    "all optimizer param groups should be with/without names. cannot add param group "
                    f"{'with' if named else 'without'} names to the optimizer"
                )
            if not set(group["params"]).isdisjoint(params):
                raise ValueError("some parameters appear in more than one parameter group")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or fill them with zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad_value = None
                elif p.grad is not None:
                    p.grad = wrap(p.grad.array) if p.grad.requires_grad else p.grad
                    p.grad.array.fill(0)
                    touch(p.grad)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update all parameters once; returns what closure, which evaluates the loss anew, gives."""
        raise NotImplementedError(f"{type(self).__name__}.step")

    @staticmethod
    def _evaluate(closure: Callable[[], Any] | None) -> Any:
        """The closure's loss, with gradients recorded; None without one."""
        if closure is None:
            return None
        with enable_grad():
            return closure()

    # Hooks.

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call hook(optimizer, args, kwargs) before each step; args begins with the optimizer; it may return others."""
        return HookHandle(self._before_step, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call hook(optimizer, args, kwargs) after each step."""
        return HookHandle(self._after_step, hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> HookHandle:
        """Call hook(optimizer) before a state dict is made."""
        return _register(self._before_saving, hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> HookHandle:
        """Call hook(optimizer, state_dict) after a state dict was made; it may return another."""
        return _register(self._after_saving, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> HookHandle:
        """Call hook(optimizer, state_dict) before loading, on a shallow copy; it may return another."""
        return _register(self._before_loading, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> HookHandle:
        """Call hook(optimizer) after loading."""
        return _register(self._after_loading, hook, prepend)

    # The state dict.

    def state_dict(self) -> dict[str, Any]:
        """The state as {"state": {number of a parameter: its state}, "param_groups": [options and numbers]}.

        Parameters are numbered in the order of the groups. The tensors are the optimizer's own, not copies.
        """
        for (hook,) in tuple(self._before_saving):
            hook(self)
        numbers: dict[Any, int] = {}
        groups = []
        for group in self.param_groups:
            packed = {key: value for key, value in group.items() if key != "params"}
            packed["params"] = [numbers.setdefault(p, len(numbers)) for p in group["params"]]
            groups.append(packed)
        state = {numbers.get(key, key): value for key, value in self.state.items()}
        result = {"state": state, "param_groups": groups}
        for (hook,) in tuple(self._after_saving):
            answer = hook(self, result)
            result = result if answer is None else answer
        return result

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state dict; its tensors are copied, in the type and to the device of their parameter.

        Raises ValueError, and changes nothing, where the groups do not match this optimizer's, TypeError for no dict.
        """
        if not isinstance(state_dict, dict):
            raise TypeError(f"load_state_dict: wanted a dict as state_dict() gives it, met {type(state_dict).__name__}")
        state_dict = dict(state_dict)
        for (hook,) in tuple(self._before_loading):
            answer = hook(self, state_dict)
            state_dict = state_dict if answer is None else answer
        saved = state_dict["param_groups"]
        self._check_groups(saved)
        at = dict(
            zip(
                itertools.chain.from_iterable(group["params"] for group in saved),
                itertools.chain.from_iterable(group["params"] for group in self.param_groups),
                strict=True,
            )
        )
        state: defaultdict[Any, Any] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in at:
                state[at[key]] = _own(at[key], value)
            else:
                state[key] = value
        groups = [_merged(own, group) for own, group in zip(self.param_groups, saved, strict=True)]
        self.state, self.param_groups = state, groups
        for (hook,) in tuple(self._after_loading):
            hook(self)

    def _check_groups(self, saved: list[dict[str, Any]]) -> None:
        if len(saved) != len(self.param_groups):
            raise ValueError(
                f"loaded state dict has a different number of parameter groups: {len(saved)}, the optimizer has "
                f"{len(self.param_groups)}"
            )
        for i, (group, own) in enumerate(zip(saved, self.param_groups, strict=True)):
            if len(group["params"]) != len(own["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group: "
                    f"group {i} has {len(group['params'])} parameters there, {len(own['params'])} here"
                )


_before_all_steps: list[Any] = []
_after_all_steps: list[Any] = []


def register_optimizer_step_pre_hook(hook: Callable[..., Any]) -> HookHandle:
    """Call hook(optimizer, args, kwargs) before each step of any optimizer; it may return other (args, kwargs)."""
    return HookHandle(_before_all_steps, hook)


def register_optimizer_step_post_hook(hook: Callable[..., Any]) -> HookHandle:
    """Call hook(optimizer, args, kwargs) after each step of any optimizer."""
    return HookHandle(_after_all_steps, hook)


def _with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """A subclass's step between the hooks that users registered."""

    @functools.wraps(step)
    def inside(*args: Any, **kwargs: Any) -> Any:
        self = args[0]
        if self._stepping:  # a subclass's step has called its parent's
            return step(*args, **kwargs)
        for (hook,) in (*_before_all_steps, *self._before_step):
            answer = hook(self, args, kwargs)
            if answer is not None:
                if not (isinstance(answer, tuple) and len(answer) == 2):
                    raise RuntimeError(f"step: a pre-hook must return None or (new_args, new_kwargs), met {answer!r}")
                args, kwargs = answer
        self._stepping = True
        try:
            result = step(*args, **kwargs)
        finally:
            self._stepping = False
        self._stepped = self._watched
        for (hook,) in (*self._after_step, *_after_all_steps):
            hook(self, args, kwargs)
        return result

    return inside


def _register(hooks: list[Any], hook: Callable[..., Any], prepend: bool) -> HookHandle:
    handle = HookHandle(hooks, hook)
    if prepend:
        hooks.insert(0, hooks.pop())
    return handle


def _split_names(group: dict[str, Any]) -> None:
    """(name, tensor) pairs as "params" and "param_names"."""
    names = [p[0] for p in group["params"] if isinstance(p, tuple)]
    if names:
        if len(names) != len(group["params"]):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        group["param_names"] = names
        group["params"] = [p[1] for p in group["params"]]


def _check_param(p: Any) -> None:
    if not isinstance(p, TensorBase):
        raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
    if not (p.is_leaf or p.retains_grad):  # type: ignore[attr-defined]
        raise ValueError("can't optimize a non-leaf Tensor")


def _own(p: Any, value: Any, key: Any = None) -> Any:
    """A copy of a saved value for parameter p; steps keep their type, the rest takes the parameter's."""
    if isinstance(value, TensorBase):
        if key == "step" or not p.dtype.is_floating_point:
            return wrap(value.array.copy())
        with no_grad():
            return wrap(value.to(dtype=p.dtype, device=p.device).array.copy())  # type: ignore[attr-defined]
    if key == "step" and isinstance(value, (int, float)):
        return tensor(float(value))
    if isinstance(value, dict):
        return {k: _own(p, v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_own(p, v) for v in value)
    return copy.deepcopy(value)


def _merged(own: dict[str, Any], saved: dict[str, Any]) -> dict[str, Any]:
    """The saved options with this optimizer's parameters."""
    group = {key: copy.deepcopy(value) for key, value in saved.items() if key != "params"}
    if "param_names" in own:
        group.setdefault("param_names", own["param_names"])
    return {**group, "params": own["params"]}
