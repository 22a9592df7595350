"""Where Ignite has CosineSimilarity."""

from .similarity.cosine_similarity import CosineSimilarity

__all__ = ["CosineSimilarity"]
