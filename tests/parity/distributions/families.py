"""One row for each family: parameters, and values that its samples may take. Batches have two elements."""

from __future__ import annotations

from typing import Any

import numpy as np

UNIT = [[0.1, 0.9], [0.35, 0.5], [0.7, 0.01]]
REAL = [[-1.5, 0.2], [0.0, 3.0], [2.5, -0.4]]
POSITIVE = [[0.1, 2.0], [1.0, 0.3], [4.5, 7.0]]
COUNTS = [[0.0, 1.0], [2.0, 3.0], [1.0, 0.0]]
SHARES = [[[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]], [[0.1, 0.1, 0.8], [0.25, 0.5, 0.25]]]
PROBS3 = [[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]
LOGITS3 = [[0.2, -1.5, 0.3], [2.0, 0.1, -0.8]]
ONE_HOT = [[[1.0, 0, 0], [0, 0, 1]], [[0, 1, 0], [0, 1, 0]]]
COUNTED = [[[2.0, 1, 1], [0, 0, 4]], [[0, 4, 0], [1, 2, 1]]]
SCALED = {"loc": [0.5, -1.0], "scale": [2.0, 0.7]}

# Name, parameters, values. A list becomes a tensor that requires a gradient; anything else is passed as it is.
FAMILIES: list[tuple[str, dict[str, Any], Any]] = [
    *[(name, SCALED, REAL) for name in ("Normal", "Laplace", "Cauchy", "Gumbel")],
    ("LogNormal", SCALED, POSITIVE),
    ("Uniform", {"low": [-2.0, -1.0], "high": [4.0, 5.0]}, REAL),
    ("HalfNormal", {"scale": [2.0, 0.7]}, POSITIVE),
    ("HalfCauchy", {"scale": [2.0, 0.7]}, POSITIVE),
    ("Exponential", {"rate": [2.0, 0.7]}, POSITIVE),
    ("Gamma", {"concentration": [2.0, 0.7], "rate": [1.5, 0.5]}, POSITIVE),
    ("InverseGamma", {"concentration": [3.0, 2.7], "rate": [1.5, 0.5]}, POSITIVE),
    ("Chi2", {"df": [3.0, 0.7]}, POSITIVE),
    ("Beta", {"concentration1": [3.0, 0.7], "concentration0": [1.5, 0.5]}, UNIT),
    ("Kumaraswamy", {"concentration1": [3.0, 1.7], "concentration0": [1.5, 2.5]}, UNIT),
    ("Dirichlet", {"concentration": [[3.0, 0.7, 1.0], [1.5, 2.5, 4.0]]}, SHARES),
    ("StudentT", {"df": [3.0, 2.5], **SCALED}, REAL),
    ("FisherSnedecor", {"df1": [3.0, 2.5], "df2": [5.0, 6.5]}, POSITIVE),
    ("Weibull", {"scale": [3.0, 2.5], "concentration": [1.2, 3.5]}, POSITIVE),
    ("Pareto", {"scale": [0.05, 0.1], "alpha": [3.2, 2.5]}, POSITIVE),
    ("GeneralizedPareto", {"loc": [0.05, 0.0], "scale": [3.2, 2.5], "concentration": [0.4, -0.2]}, POSITIVE),
    ("Bernoulli", {"probs": [0.3, 0.8]}, [[0.0, 1.0], [1.0, 0.0]]),
    ("Bernoulli", {"logits": [0.3, -1.8]}, [[0.0, 1.0], [1.0, 0.0]]),
    ("Geometric", {"probs": [0.3, 0.8]}, COUNTS),
    ("Geometric", {"logits": [0.3, -1.8]}, COUNTS),
    ("ContinuousBernoulli", {"probs": [0.3, 0.5]}, UNIT),
    ("ContinuousBernoulli", {"logits": [0.3, -1.8]}, UNIT),
    ("Poisson", {"rate": [0.3, 4.8]}, COUNTS),
    ("Binomial", {"total_count": 3, "probs": [0.3, 0.8]}, COUNTS),
    ("Binomial", {"total_count": 3, "logits": [0.3, -1.8]}, COUNTS),
    ("NegativeBinomial", {"total_count": [3.0, 2.5], "probs": [0.3, 0.8]}, COUNTS),
    ("NegativeBinomial", {"total_count": [3.0, 2.5], "logits": [0.3, -1.8]}, COUNTS),
    ("Categorical", {"probs": PROBS3}, [[0.0, 1.0], [2.0, 0.0]]),
    ("Categorical", {"logits": LOGITS3}, [[0.0, 1.0], [2.0, 0.0]]),
    ("OneHotCategorical", {"probs": PROBS3}, ONE_HOT),
    ("OneHotCategorical", {"logits": LOGITS3}, ONE_HOT),
    ("OneHotCategoricalStraightThrough", {"logits": LOGITS3}, ONE_HOT),
    ("Multinomial", {"total_count": 4, "probs": PROBS3}, COUNTED),
    ("Multinomial", {"total_count": 4, "logits": LOGITS3}, COUNTED),
    ("RelaxedBernoulli", {"temperature": np.array(0.7), "probs": [0.3, 0.8]}, UNIT),
    ("RelaxedOneHotCategorical", {"temperature": np.array(0.7), "logits": LOGITS3}, SHARES),
    ("LogisticNormal", {"loc": [[0.5, -1.0], [0.0, 1.0]], "scale": [[2.0, 0.7], [1.0, 1.0]]}, SHARES),
]
IDS = [f"{name}-{'-'.join(parameters)}" for name, parameters, _ in FAMILIES]


def made(lib: Any, dists: Any, row: Any, dtype: str) -> tuple[Any, list[Any], Any]:
    """The distribution of a row, its parameters as leaves, and the values as a leaf."""
    name, parameters, values = row
    built = {key: tensor(lib, x, dtype) for key, x in parameters.items()}
    leaves = [x for key, x in built.items() if isinstance(parameters[key], list)]
    return getattr(dists, name)(**built), leaves, tensor(lib, values, dtype)


def tensor(lib: Any, x: Any, dtype: str) -> Any:
    """A list as a leaf that requires a gradient, an array as a tensor, a number as it is."""
    if isinstance(x, (int, float)):
        return x
    t = lib.from_numpy(np.asarray(x, dtype=dtype))
    return t.requires_grad_() if isinstance(x, list) else t
