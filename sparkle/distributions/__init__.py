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
    PowerTransform,
    SigmoidTransform,
    SoftplusTransform,
    TanhTransform,
)
from ..core.distributions.composed.vector_transforms import (
    CatTransform,
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    SoftmaxTransform,
    StackTransform,
    StickBreakingTransform,
)
from ..core.distributions.continuous.dirichlet import Beta, Dirichlet, Kumaraswamy
from ..core.distributions.continuous.gamma import Chi2, Exponential, Gamma, InverseGamma
from ..core.distributions.continuous.half import HalfCauchy, HalfNormal
from ..core.distributions.continuous.heavy_tails import FisherSnedecor, GeneralizedPareto, Pareto, StudentT, Weibull
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
from ..core.distributions.exp_family import ExponentialFamily
from ..core.distributions.kl.registry import kl_divergence, register_kl
from . import (
    bernoulli,
    beta,
    categorical,
    constraints,
    dirichlet,
    distribution,
    gamma,
    independent,
    kl,
    multivariate_normal,
    normal,
    transformed_distribution,
    transforms,
    uniform,
    utils,
)

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "Bernoulli",
    "Beta",
    "Binomial",
    "CatTransform",
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
    "ExponentialFamily",
    "FisherSnedecor",
    "Gamma",
    "GeneralizedPareto",
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
    "PositiveDefiniteTransform",
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
    "bernoulli",
    "beta",
    "biject_to",
    "categorical",
    "constraints",
    "dirichlet",
    "distribution",
    "gamma",
    "identity_transform",
    "independent",
    "kl",
    "kl_divergence",
    "multivariate_normal",
    "normal",
    "register_kl",
    "transform_to",
    "transformed_distribution",
    "transforms",
    "uniform",
    "utils",
]
