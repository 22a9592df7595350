"""Kullback-Leibler divergences: which formula serves which pair of classes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ..distribution import Distribution

Formula = Callable[[Any, Any], Any]
_formulas: dict[tuple[type, type], Formula] = {}
_found: dict[tuple[type, type], Formula | None] = {}  # what was looked up for a pair


def register_kl(type_p: type, type_q: type) -> Callable[[Formula], Formula]:
    """A decorator for a function of p and q that returns their divergence, for these classes and derived ones.

    TypeError for what is no class of distributions.
    """
    for given in (type_p, type_q):
        if not (isinstance(given, type) and issubclass(given, Distribution)):
            raise TypeError(f"register_kl: expected a subclass of Distribution, met {given!r}")

    def register(formula: Formula) -> Formula:
        _formulas[type_p, type_q] = formula
        _found.clear()
        return formula

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Any:
    """The mean of log p(x) - log q(x) over x from p, for each element of the batch.

    Of the formulas registered for the classes or their bases the most specific one is used. NotImplementedError where
    there is none.
    """
    pair = (type(p), type(q))
    if pair not in _found:
        _found[pair] = _most_specific(*pair)
    formula = _found[pair]
    if formula is None:
        raise NotImplementedError(
            f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}"
        )
    return formula(p, q)


def _most_specific(p: type, q: type) -> Formula | None:
    """The formula whose classes are nearest, the first one deciding; a warning where the second would decide else."""
    pairs = [(a, b) for a in p.__mro__ for b in q.__mro__ if (a, b) in _formulas]
    if not pairs:
        return None
    by_p, by_q = pairs[0], min(pairs, key=lambda pair: q.__mro__.index(pair[1]))
    if _formulas[by_p] is not _formulas[by_q]:
        warnings.warn(
            f"Ambiguous kl_divergence({p.__name__}, {q.__name__}). Please register_kl({by_p[0].__name__}, "
            f"{by_q[1].__name__})",
            RuntimeWarning,
            stacklevel=3,
        )
    return _formulas[by_p]
