"""Modules that learn the sizes of their parameters from their first input."""

from __future__ import annotations

from typing import Any, ClassVar

from ...tensor.switches import no_grad
from ..parameter import is_lazy


class LazyModuleMixin:
    """A module some of whose parameters or buffers have no shape until the first forward, or until they are loaded.

    A lazy version of a layer derives from this and from the layer, names the layer as `cls_to_become`, sets attributes
    to `UninitializedParameter`s, and defines `initialize_parameters`, which gets what forward gets and materialises
    them. After the first forward its class is the layer's. Cast and move it before; it may go to an optimizer before or
    after. Raises RuntimeError where a parameter is still uninitialised then.

    >>> import sparkle
    >>> layer = sparkle.nn.LazyLinear(2)
    >>> layer
    LazyLinear(in_features=0, out_features=2, bias=True)
    >>> _ = layer(sparkle.ones(1, 3))
    >>> layer
    Linear(in_features=3, out_features=2, bias=True)
    """

    cls_to_become: ClassVar[type[Any] | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this: Any = self
        self._load_hook = this._register_load_state_dict_pre_hook(self._lazy_load_hook)
        self._initialize_hook = this.register_forward_pre_hook(self._infer_parameters, with_kwargs=True)

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Materialise the parameters to go with what forward gets; every lazy module defines it."""
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self) -> bool:
        """Is there a parameter or buffer of this module itself that has no shape yet?"""
        this: Any = self
        return any(is_lazy(x) for x in (*this._parameters.values(), *this._buffers.values()))

    def _materialize(self, **shapes: tuple[int, ...]) -> None:
        """Give those of the named tensors that are there their shapes."""
        present = {name: x for name in shapes if (x := getattr(self, name)) is not None}
        if known := [name for name, x in present.items() if not is_lazy(x)]:
            raise RuntimeError(
                f"{type(self).__name__}: {known} have a shape and {sorted(set(present) - set(known))} have none yet; "
                "load all of them or none before the first forward"
            )
        for name, x in present.items():
            x.materialize(shapes[name])

    def _infer_parameters(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> None:
        with no_grad():
            module.initialize_parameters(*args, **(kwargs or {}))
        if module.has_uninitialized_params():
            raise RuntimeError(f"module {module._get_name()} has not been fully initialized")
        module._initialize_hook.remove()
        module._load_hook.remove()
        del module._initialize_hook, module._load_hook
        if module.cls_to_become is not None:
            module.__class__ = module.cls_to_become

    def _lazy_load_hook(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        """Give parameters the shapes of what is about to be loaded into them."""
        this: Any = self
        for name, own in (*this._parameters.items(), *this._buffers.items()):
            value = state_dict.get(prefix + name)
            if is_lazy(own) and value is not None and not is_lazy(value):
                own.materialize(value.shape)
