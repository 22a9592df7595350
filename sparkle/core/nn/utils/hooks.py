"""Looking up and taking away hooks that a module calls before its forward."""

from __future__ import annotations

from typing import Any


def pre_hooks(module: Any, kind: type, name: str) -> list[tuple[int, Any]]:
    """(key, hook) of the forward pre-hooks of a class that are about the tensor of that name."""
    called = [(key, getattr(hook, "function", hook)) for key, hook in module._forward_pre_hooks.items()]
    return [(key, hook) for key, hook in called if isinstance(hook, kind) and tensor_of(hook) == name]


def tensor_of(hook: Any) -> str:
    """The name of the tensor that a hook makes."""
    return hook._tensor_name if hasattr(hook, "_tensor_name") else hook.name


def take_pre_hook(module: Any, kind: type, name: str, what: str) -> Any:
    """The hook of a class about a tensor, taken away from the module; ValueError where there is none."""
    found = pre_hooks(module, kind, name)
    if not found:
        raise ValueError(f"{what} of '{name}' not found in {module}")
    key, hook = found[0]
    del module._forward_pre_hooks[key]
    return hook
