"""Where Ignite has Fbeta."""

from .classification.fbeta import Fbeta

__all__ = ["Fbeta"]
