"""Weights divided by their largest singular value (Miyato et al., 2018, arXiv:1802.05957), by a hook."""

from __future__ import annotations

from typing import Any

from ...tensor.switches import no_grad
from .. import functional as F
from ..modules.conv import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from ..parameter import Parameter
from .hooks import pre_hooks, take_pre_hook


def as_matrix(weight: Any, dim: int) -> Any:
    """The weight with a row for each index of dim."""
    return weight.movedim(dim, 0).reshape(weight.size(dim), -1)


def output_dim(module: Any, dim: int | None) -> int:
    """The dim of outputs unless it is given: 1 for transposed convolutions, 0 for all else."""
    transposed = isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d))
    return dim if dim is not None else int(transposed)


def check_iterations(count: int) -> None:
    """ValueError unless positive."""
    if count <= 0:
        raise ValueError(f"Expected n_power_iterations to be positive, but got n_power_iterations={count}")


def random_unit(like: Any, size: int, eps: float) -> Any:
    """A random vector of length 1."""
    return F.normalize(like.new_empty(size).normal_(0, 1), dim=0, eps=eps)


class SpectralNorm:
    """The hook: sets a module's weight to `<name>_orig` / σ before each forward.

    σ = uᵀ W v, where the buffers `<name>_u` and `<name>_v` near the first singular vectors by a few power iterations in
    each forward in training mode.
    """

    def __init__(self, name: str = "weight", n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        check_iterations(n_power_iterations)
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps
        self._loading: Any = None

    def reshape_weight_to_matrix(self, weight: Any) -> Any:
        """The weight with a row for each output."""
        return as_matrix(weight, self.dim)

    def compute_weight(self, module: Any, do_power_iteration: bool) -> Any:
        """The weight from the module's original, u and v, which a power iteration first brings nearer."""
        weight, u, v = (getattr(module, f"{self.name}_{part}") for part in ("orig", "u", "v"))
        matrix = self.reshape_weight_to_matrix(weight)
        if do_power_iteration:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(F.normalize(matrix.T.mv(u), dim=0, eps=self.eps))
                    u.copy_(F.normalize(matrix.mv(v), dim=0, eps=self.eps))
            # Graphs keep copies: the next forward writes to u and v, and this one may yet be differentiated.
            u, v = u.clone(), v.clone()
        return weight / u.dot(matrix.mv(v))

    def remove(self, module: Any) -> None:
        """Put the weight as a parameter in the place of its parts."""
        weight = self.compute_weight(module, do_power_iteration=False).detach()
        for end in ("", "_u", "_v", "_orig"):
            delattr(module, self.name + end)
        module.register_parameter(self.name, Parameter(weight))
        self._loading.remove()

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module, do_power_iteration=module.training))

    @staticmethod
    def apply(module: Any, name: str, n_power_iterations: int, dim: int, eps: float) -> SpectralNorm:
        """Hook the norm into a module; `spectral_norm` says what is raised."""
        if pre_hooks(module, SpectralNorm, name):
            raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
        hook = SpectralNorm(name, n_power_iterations, dim, eps)
        if name not in module._parameters:
            raise KeyError(f"spectral_norm: {type(module).__name__} has no parameter {name!r}")
        weight = module._parameters[name]
        if weight is None:
            raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{name}` is None")
        if not -weight.ndim <= dim < weight.ndim:
            raise RuntimeError(f"spectral_norm: parameter `{name}` is {tuple(weight.shape)}, it has no dim {dim}")
        rows, columns = hook.reshape_weight_to_matrix(weight.detach()).shape
        u, v = random_unit(weight, rows, eps), random_unit(weight, columns, eps)
        delattr(module, name)
        module.register_parameter(f"{name}_orig", weight)
        setattr(module, name, weight.data)  # what initialises weights by name still finds it
        module.register_buffer(f"{name}_u", u)
        module.register_buffer(f"{name}_v", v)
        module.register_forward_pre_hook(hook)
        hook._loading = module.register_load_state_dict_pre_hook(hook._complete)
        return hook

    def _complete(self, module: Any, state: dict[str, Any], prefix: str, *_: Any) -> None:
        """Old state dicts hold the weight itself in the place of v: find v from Wᵀu, scaled so that σ fits."""
        weight, orig, u, v = (f"{prefix}{self.name}{end}" for end in ("", "_orig", "_u", "_v"))
        if not {weight, orig, u} <= state.keys():
            return
        with no_grad():
            sigma = (state[orig] / state.pop(weight)).mean()
            matrix = self.reshape_weight_to_matrix(state[orig])
            solved = matrix.T.mm(matrix).pinverse().mv(matrix.T.mv(state[u]))
            state[v] = solved * (sigma / state[u].dot(matrix.mv(solved)))


def spectral_norm(
    module: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Any:
    """Divide a parameter by its largest singular value, estimated by power iteration; returns the module.

    The weight is taken as a matrix with a row for each index of dim: 0, or 1 for transposed convolutions, unless given.
    Each forward in training mode makes n_power_iterations steps, with lengths of at least eps. The parameter itself is
    `<name>_orig`; `nn.utils.parametrizations.spectral_norm` is the newer way.

    Raises ValueError unless n_power_iterations is positive and for a parameter that is None, RuntimeError for one that
    has it already and for a dim that it has not, KeyError for a name that the module has not.

    >>> import sparkle
    >>> list(spectral_norm(sparkle.nn.Linear(2, 3)).state_dict())
    ['bias', 'weight_orig', 'weight_u', 'weight_v']
    """
    SpectralNorm.apply(module, name, n_power_iterations, output_dim(module, dim), eps)
    return module


def remove_spectral_norm(module: Any, name: str = "weight") -> Any:
    """Leave a parameter of `spectral_norm` at its present value; returns the module. ValueError without one."""
    take_pre_hook(module, SpectralNorm, name, "spectral_norm").remove(module)
    return module
