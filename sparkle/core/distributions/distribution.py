"""What all distributions have: shapes, checks of parameters and values, and what follows from a few methods."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Self

from ..tensor.base import TensorBase
from ..tensor.size import Size
from ..tensor.switches import no_grad
from .constraints import Constraint, is_dependent
from .parameters import broadcast_all, lazy_property, logits_to_probs, probs_to_logits


class Distribution:
    """A batch of distributions of one kind.

    batch_shape: the shape of the parameters, each element a distribution of its own; event_shape: the shape of one
    sample from one of them. validate_args: check parameters here and values in `log_prob` and `cdf`, ValueError where
    they are outside their constraint; on unless `set_default_validate_args(False)` or Python runs with -O.
    """

    arg_constraints: ClassVar[dict[str, Constraint]]  # or a property; parameter -> its constraint
    support: Any  # the constraint of samples
    has_rsample: Any = False  # do samples have gradients?
    has_enumerate_support: Any = False
    _validate_args = __debug__

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Switch checks on or off for distributions made from now on; ValueError for anything but a bool."""
        if value not in (True, False):
            raise ValueError(f"set_default_validate_args: wanted True or False, met {value!r}")
        Distribution._validate_args = bool(value)

    def __init__(self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None) -> None:
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._check_parameters()

    def _take(self, validate_args: bool | None, **parameters: Any) -> None:
        """Store parameters, tensors or numbers, in one shape, which is the batch's."""
        self.__dict__.update(zip(parameters, broadcast_all(*parameters.values()), strict=True))
        first = self.__dict__[next(iter(parameters))]
        Distribution.__init__(self, first.shape, validate_args=validate_args)

    def _check_parameters(self) -> None:
        constraints = getattr(self, "arg_constraints", None)
        if constraints is None:
            warnings.warn(
                f"{type(self).__name__} does not define arg_constraints; set arg_constraints = {{}}, or switch the "
                "checks off with validate_args=False",
                stacklevel=4,
            )
            return
        for name, constraint in constraints.items():
            lazy = name not in self.__dict__ and isinstance(getattr(type(self), name, None), lazy_property)
            if not is_dependent(constraint) and not lazy:
                self._check(getattr(self, name), constraint, f"Expected parameter {name}")

    def _check(self, value: Any, constraint: Constraint, what: str) -> None:
        if not constraint.check(value).all():
            raise ValueError(
                f"{what} (Tensor of shape {tuple(value.shape)}) of distribution {type(self).__name__} to satisfy the "
                f"constraint {constraint}, but found invalid values:\n{value}"
            )

    @property
    def batch_shape(self) -> Size:
        """The shape of the parameters."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one sample of one distribution."""
        return self._event_shape

    def expand(self, batch_shape: Any, _instance: Any = None) -> Self:
        """The same distributions with the batch expanded to a shape; parameters share memory."""
        new = object.__new__(type(self)) if _instance is None else _instance
        batch_shape = Size(batch_shape)
        for name, value in vars(self).items():
            if isinstance(value, Distribution):
                new.__dict__[name] = value.expand(batch_shape)
            elif name in self.arg_constraints and isinstance(value, TensorBase):
                rest = value.array.shape[len(self._batch_shape) :]
                new.__dict__[name] = value.expand(*batch_shape, *rest)  # type: ignore[attr-defined]
            elif not isinstance(getattr(type(self), name, None), lazy_property):
                new.__dict__[name] = value
        new._batch_shape = batch_shape
        return new

    @property
    def mean(self) -> Any:
        """The mean."""
        raise NotImplementedError(f"{type(self).__name__} does not implement mean")

    @property
    def mode(self) -> Any:
        """The most probable value."""
        raise NotImplementedError(f"{type(self).__name__} does not implement mode")

    @property
    def variance(self) -> Any:
        """The variance."""
        raise NotImplementedError(f"{type(self).__name__} does not implement variance")

    @property
    def stddev(self) -> Any:
        """The standard deviation."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Any = ()) -> Any:
        """Samples of shape sample_shape + batch_shape + event_shape, without gradients."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Samples as `sample` gives them that are differentiable in the parameters."""
        raise NotImplementedError(f"{type(self).__name__} does not implement rsample")

    def sample_n(self, n: int) -> Any:
        """n samples; deprecated, as in torch: use `sample((n,))`."""
        warnings.warn("sample_n(n) is deprecated; use sample((n,))", FutureWarning, stacklevel=2)
        return self.sample((n,))

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density, or of the probability, at value."""
        raise NotImplementedError(f"{type(self).__name__} does not implement log_prob")

    def cdf(self, value: Any) -> Any:
        """The probability of at most value."""
        raise NotImplementedError(f"{type(self).__name__} does not implement cdf")

    def icdf(self, value: Any) -> Any:
        """The inverse of `cdf`: the quantile at probability value."""
        raise NotImplementedError(f"{type(self).__name__} does not implement icdf")

    def enumerate_support(self, expand: bool = True) -> Any:
        """All values of a discrete distribution along dimension 0; with expand, for each element of the batch."""
        raise NotImplementedError(f"{type(self).__name__} does not implement enumerate_support")

    def entropy(self) -> Any:
        """The entropy in nats, of the batch's shape."""
        raise NotImplementedError(f"{type(self).__name__} does not implement entropy")

    def perplexity(self) -> Any:
        """exp(entropy)"""
        return self.entropy().exp()

    def _extended_shape(self, sample_shape: Any = ()) -> Size:
        return Size(sample_shape) + self._batch_shape + self._event_shape

    def _validate_sample(self, value: Any) -> None:
        """ValueError where value has a wrong shape or is outside the support."""
        if not isinstance(value, TensorBase):
            raise ValueError(f"{type(self).__name__}: the value must be a Tensor, met {type(value).__name__}")
        met, event, wanted = value.array.shape, tuple(self._event_shape), (*self._batch_shape, *self._event_shape)
        if met[max(len(met) - len(event), 0) :] != event:
            raise ValueError(
                f"{type(self).__name__}: the right-most size of value must match event_shape: {met} vs {event}"
            )
        for i, j in zip(reversed(met), reversed(wanted), strict=False):
            if i not in (1, j) and j != 1:
                raise ValueError(
                    f"{type(self).__name__}: value is not broadcastable with batch_shape+event_shape: {met} vs {wanted}"
                )
        self._check(value, self.support, "Expected value argument")

    def _checked(self, value: Any) -> Any:
        """The value, validated where that is switched on."""
        if self._validate_args:
            self._validate_sample(value)
        return value

    def __repr__(self) -> str:
        held = [(name, vars(self)[name]) for name in self.arg_constraints if name in vars(self)]
        return f"{type(self).__name__}({', '.join(f'{name}: {_brief(value)}' for name, value in held)})"


def _brief(x: Any) -> Any:
    return x.item() if x.numel() == 1 and x.dim() == 0 else x if x.numel() == 1 else x.size()


class ProbsOrLogits(Distribution):
    """A distribution given by probabilities or by their log odds (of two outcomes) or logarithms (of more).

    The one that was not given is computed when first asked for.
    """

    binary: ClassVar[bool] = True

    def _take_one(self, probs: Any, logits: Any) -> None:
        """Store the one that is not None, which may be a number; ValueError unless it is one."""
        if (probs is None) == (logits is None):
            raise ValueError(f"{type(self).__name__}: either `probs` or `logits` must be specified, but not both")
        name, given = ("logits", logits) if probs is None else ("probs", probs)
        (self.__dict__[name],) = broadcast_all(given)

    @lazy_property
    def logits(self) -> Any:
        """Log odds, or logarithms of the probabilities."""
        return probs_to_logits(self.probs, self.binary)

    @lazy_property
    def probs(self) -> Any:
        """Probabilities."""
        return logits_to_probs(self.logits, self.binary)

    @property
    def _param(self) -> Any:
        return vars(self).get("probs", vars(self).get("logits"))

    @property
    def param_shape(self) -> Size:
        """The shape of probs and logits."""
        return self._param.size()
