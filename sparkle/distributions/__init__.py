"""Probability distributions: samples, densities, entropies, divergences, as in `torch.distributions`."""

from ..core.distributions.composed.independent import Independent
from ..core.distributions.composed.mixture import MixtureSameFamily
from ..core.distributions.composed.registry import biject_to, transform_to
from ..core.distributions.composed.relaxed import RelaxedBernoulli, RelaxedOneHotCategorical
from ..core.distributions.composed.transform import (
    ComposeTransform,
    IndependentTransform,
    ReshapeTransform,
    Transform,
    identity_transform,
)
from ..core.distributions.composed.transformed import LogisticNormal, LogNormal, TransformedDistribution
from ..core.distributions.composed.transforms import (
    AbsTransform,
    AffineTransform,
    CumulativeDistributionTransform,
    ExpTransform,
    LowerCholeskyTransform,
    PowerTransform,
    SigmoidTransform,
    SoftmaxTransform,
    SoftplusTransform,
    StackTransform,
    StickBreakingTransform,
    TanhTransform,
)
from ..core.distributions.continuous.dirichlet import Beta, Dirichlet, Kumaraswamy
from ..core.distributions.continuous.gamma import Chi2, Exponential, Gamma, InverseGamma
from ..core.distributions.continuous.half import HalfCauchy, HalfNormal
from ..core.distributions.continuous.heavy_tails import FisherSnedecor, Pareto, StudentT, Weibull
from ..core.distributions.continuous.location_scale import Cauchy, Gumbel, Laplace, Normal, Uniform
from ..core.distributions.continuous.multivariate_normal import LowRankMultivariateNormal, MultivariateNormal
from ..core.distributions.discrete.bernoulli import Bernoulli, ContinuousBernoulli, Geometric
from ..core.distributions.discrete.categorical import (
    Categorical,
    Multinomial,
    OneHotCategorical,
    OneHotCategoricalStraightThrough,
)
from ..core.distributions.discrete.counts import Binomial, NegativeBinomial, Poisson
from ..core.distributions.distribution import Distribution
from ..core.distributions.kl.registry import kl_divergence, register_kl
from . import constraints, kl, transforms

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Cauchy",
    "Chi2",
    "ComposeTransform",
    "ContinuousBernoulli",
    "CumulativeDistributionTransform",
    "Dirichlet",
    "Distribution",
    "ExpTransform",
    "Exponential",
    "FisherSnedecor",
    "Gamma",
    "Geometric",
    "Gumbel",
    "HalfCauchy",
    "HalfNormal",
    "Independent",
    "IndependentTransform",
    "InverseGamma",
    "Kumaraswamy",
    "Laplace",
    "LogNormal",
    "LogisticNormal",
    "LowRankMultivariateNormal",
    "LowerCholeskyTransform",
    "MixtureSameFamily",
    "Multinomial",
    "MultivariateNormal",
    "NegativeBinomial",
    "Normal",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "Pareto",
    "Poisson",
    "PowerTransform",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StackTransform",
    "StickBreakingTransform",
    "StudentT",
    "TanhTransform",
    "Transform",
    "TransformedDistribution",
    "Uniform",
    "Weibull",
    "biject_to",
    "constraints",
    "identity_transform",
    "kl",
    "kl_divergence",
    "register_kl",
    "transform_to",
    "transforms",
]
