"""The machinery of modules: attributes, calling, hooks, state dicts, containers."""

from .containers import Container, ModuleDict, ModuleList, Sequential
from .module import Module
from .parameter_containers import ParameterDict, ParameterList

__all__ = ["Container", "Module", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]
