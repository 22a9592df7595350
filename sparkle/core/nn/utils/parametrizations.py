"""Weight and spectral norm as parametrizations: `sparkle.nn.utils.parametrizations`."""

from __future__ import annotations

from typing import Any

from ...tensor.base import TensorBase
from ...tensor.switches import no_grad
from .. import functional as F
from ..base import Module
from .parametrize import register_parametrization
from .spectral_norm import as_matrix, check_iterations, output_dim, random_unit
from .weight_norm import norm_except_dim, normed_weight


class _WeightNorm(Module):
    """g v / |v|"""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Any, weight_v: Any) -> Any:
        return normed_weight(weight_v, weight_g, self.dim)

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        """Magnitude and direction."""
        return norm_except_dim(weight, 2, self.dim), weight


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Make a parameter w = g v / |v| of a magnitude g and a direction v; returns the module.

    They are `parametrizations.<name>.original0` and `original1`. One magnitude for each index of dim; None: one for
    all. State dicts of the older `nn.utils.weight_norm` can be loaded (Salimans & Kingma, 2016, arXiv:1602.07868).

    >>> import sparkle
    >>> weight_norm(sparkle.nn.Linear(2, 3)).parametrizations.weight.original0.shape
    sparkle.Size([3, 1])
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def rename(module: Any, state: dict[str, Any], prefix: str, *_: Any) -> None:
        old = [f"{prefix}{name}_g", f"{prefix}{name}_v"]
        if all(key in state for key in old):
            for i, key in enumerate(old):
                state[f"{prefix}parametrizations.{name}.original{i}"] = state.pop(key)

    module.register_load_state_dict_pre_hook(rename)
    return module


class _SpectralNorm(Module):
    """W / σ, σ = uᵀ W v, where power iterations bring u and v near the first singular vectors; x / |x| for vectors."""

    def __init__(self, weight: Any, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        weight.size(dim)  # raises IndexError outside of the dims
        check_iterations(n_power_iterations)
        self.dim, self.eps = dim % weight.ndim, eps
        if weight.ndim > 1:
            self.n_power_iterations = n_power_iterations
            matrix = as_matrix(weight.detach(), self.dim)
            u, v = (random_unit(matrix, size, eps) for size in matrix.shape)
            self.register_buffer("_u", u)
            self.register_buffer("_v", v)
            self._power_method(matrix, 15)

    @no_grad()
    def _power_method(self, matrix: Any, steps: int) -> None:
        for _ in range(steps):
            self._u.copy_(F.normalize(matrix.mv(self._v), dim=0, eps=self.eps))
            self._v.copy_(F.normalize(matrix.T.mv(self._u), dim=0, eps=self.eps))

    def forward(self, weight: Any) -> Any:
        if weight.ndim == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            self._power_method(matrix, self.n_power_iterations)
        # Graphs keep copies: the next use writes to u and v, and this one may yet be differentiated.
        return weight / self._u.clone().dot(matrix.mv(self._v.clone()))

    def right_inverse(self, value: Any) -> Any:
        """The value, which is taken to be of norm 1 already."""
        return value


def spectral_norm(
    module: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Any:
    """Divide a parameter by its largest singular value, estimated by power iteration; returns the module.

    The weight is taken as a matrix with a row for each index of dim: 0, or 1 for transposed convolutions, unless given.
    Each use in training mode makes n_power_iterations steps, with lengths of at least eps. A vector is divided by its
    length (Miyato et al., 2018, arXiv:1802.05957).

    Raises ValueError for a name that the module has not, and unless n_power_iterations is positive; IndexError for a
    dim that the weight has not.

    >>> import sparkle
    >>> layer = spectral_norm(sparkle.nn.Linear(3, 3))
    >>> round(sparkle.linalg.matrix_norm(layer.weight, 2).item(), 1)
    1.0
    """
    weight = parametrizable(module, name)
    function = _SpectralNorm(weight, n_power_iterations, output_dim(module, dim), eps)
    return register_parametrization(module, name, function)


def parametrizable(module: Any, name: str) -> Any:
    """The module's tensor of that name; ValueError where there is none."""
    weight = getattr(module, name, None)
    if not isinstance(weight, TensorBase):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return weight
