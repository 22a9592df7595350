"""Distributions over categories: their numbers, one-hot vectors, counts."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...dtypes import finfo, int64
from ...tensor.functions.pointwise.selection import where
from ...tensor.functions.pointwise.special import lgamma
from ...tensor.functions.sampling import multinomial
from ...tensor.functions.shaping.shape import broadcast_tensors
from ...tensor.making.filled import eye, full, zeros
from ...tensor.making.ranges import arange
from ...tensor.size import Size
from ...tensor.switches import no_grad
from .. import constraints
from ..distribution import Distribution, ProbsOrLogits
from ..parameters import broadcast_all
from .counts import Binomial

PROBS_OR_LOGITS = {"probs": constraints.simplex, "logits": constraints.real_vector}


class Categorical(ProbsOrLogits):
    """Numbers 0..K-1 of categories. probs or logits: tensors of at least one dimension, the last of length K.

    probs are divided by their sum, logits are normalised. Samples are int64.

    >>> Categorical(probs=broadcast_all(0.0)[0].new_tensor([0.0, 2.0])).sample((3,))
    tensor([1, 1, 1])
    """

    arg_constraints: ClassVar[Any] = PROBS_OR_LOGITS
    binary = False
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._take_one(probs, logits)
        if self._param.dim() < 1:
            name = "probs" if logits is None else "logits"
            raise ValueError(f"Categorical: `{name}` parameter must be at least one-dimensional, met a scalar")
        if logits is None:
            self.probs = self.probs / self.probs.sum(-1, keepdim=True)
        else:
            self.logits = self.logits - self.logits.logsumexp(-1, keepdim=True)
        super().__init__(self._param.shape[:-1], validate_args=validate_args)

    @property
    def _num_events(self) -> int:
        return self._param.shape[-1]

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        """0..K-1."""
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self) -> Any:
        return full(self._batch_shape, math.nan, dtype=self._param.dtype, device=self._param.device)

    @property
    def mode(self) -> Any:
        return self._param.argmax(-1)

    @property
    def variance(self) -> Any:
        return self.mean

    def sample(self, sample_shape: Any = ()) -> Any:
        sample_shape = Size(sample_shape)
        n = math.prod(sample_shape)
        shape = self._extended_shape(sample_shape)
        if not math.prod(shape):
            return zeros(shape, dtype=int64, device=self._param.device)
        rows = self.probs.detach().reshape(-1, self._num_events)
        return multinomial(rows, n, True).t().reshape(shape)

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value).long().unsqueeze(-1)
        value, log_pmf = broadcast_tensors(value, self.logits)
        return log_pmf.gather(-1, value[..., :1]).squeeze(-1)

    def entropy(self) -> Any:
        return -(self.logits.clamp(min=finfo(self.logits.dtype).min) * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Any:
        values = arange(self._num_events, device=self._param.device).view(-1, *[1] * len(self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values


class OfCategories(Distribution):
    """A distribution over vectors with an element for each category of `_categorical`."""

    arg_constraints: ClassVar[Any] = PROBS_OR_LOGITS
    _categorical: Categorical

    def _take_categories(self, probs: Any, logits: Any, validate_args: bool | None) -> None:
        self._categorical = c = Categorical(probs, logits, validate_args=validate_args)
        Distribution.__init__(self, c.batch_shape, c.param_shape[-1:], validate_args=validate_args)

    @property
    def probs(self) -> Any:
        """The probabilities of the categories."""
        return self._categorical.probs

    @property
    def logits(self) -> Any:
        """The logarithms of the probabilities."""
        return self._categorical.logits

    @property
    def param_shape(self) -> Size:
        """The shape of probs and logits."""
        return self._categorical.param_shape

    def _one_hot(self, indices: Any) -> Any:
        n = self._event_shape[0]
        return (indices.unsqueeze(-1) == arange(n, device=indices.device)).to(self._categorical._param.dtype)


class OneHotCategorical(OfCategories):
    """Categories as one-hot vectors of the type of the parameters, which are as for `Categorical`."""

    support = constraints.one_hot
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._take_categories(probs, logits, validate_args)

    @property
    def mean(self) -> Any:
        return self.probs

    @property
    def mode(self) -> Any:
        return self._one_hot(self._categorical.mode)

    @property
    def variance(self) -> Any:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        return self._one_hot(self._categorical.sample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        return self._categorical.log_prob(self._checked(value).argmax(-1))

    def entropy(self) -> Any:
        return self._categorical.entropy()

    def enumerate_support(self, expand: bool = True) -> Any:
        n, param = self._event_shape[0], self._categorical._param
        values = eye(n, dtype=param.dtype, device=param.device).view(n, *[1] * len(self._batch_shape), n)
        return values.expand(n, *self._batch_shape, n) if expand else values


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """One-hot vectors whose gradient is the one of the probabilities (Bengio, Leonard and Courville 2013)."""

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.sample(sample_shape) + (self.probs - self.probs.detach())


class Multinomial(OfCategories):
    """How often each category came in total_count draws; probs or logits as for `Categorical`."""

    def __init__(
        self, total_count: int = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError(f"Multinomial: total_count must be one int, met {type(total_count).__name__}")
        self.total_count = total_count
        self._take_categories(probs, logits, validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self) -> Any:
        """Vectors of counts with a sum of at most total_count."""
        return constraints.multinomial(self.total_count)

    @property
    def mean(self) -> Any:
        return self.probs * self.total_count

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        with no_grad():
            drawn = self._categorical.sample((self.total_count, *Size(sample_shape))).movedim(0, -1)
            counts = zeros(shape, dtype=self._categorical._param.dtype, device=drawn.device)
            return counts.scatter_add_(-1, drawn, counts.new_ones(drawn.shape))

    def log_prob(self, value: Any) -> Any:
        logits, value = broadcast_all(self.logits, self._checked(value))
        never = (value == 0) & (logits == -math.inf)
        ways = lgamma(value.sum(-1) + 1) - lgamma(value + 1).sum(-1)
        return ways + (where(never, 0.0, logits) * value).sum(-1)

    def entropy(self) -> Any:
        n, one = self.total_count, Binomial(self.total_count, probs=self.probs, validate_args=False)
        counts = one.enumerate_support(False)[1:]
        inner = (one.log_prob(counts).exp() * lgamma(counts + 1)).sum(0).sum(-1)
        return n * self._categorical.entropy() - math.lgamma(n + 1) + inner
