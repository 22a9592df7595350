"""Metrics of recommended, ranked items."""

from .hitrate import HitRate
from .ndcg import NDCG
from .precision import MAP, MRR

__all__ = ["MAP", "MRR", "NDCG", "HitRate"]
