"""Where Ignite has CohenKappa."""

from .classification.agreement import CohenKappa

__all__ = ["CohenKappa"]
