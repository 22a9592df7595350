"""`sparkle.exceptions`, as `ignite.exceptions`."""

from .metrics.exceptions import NotComputableError

__all__ = ["NotComputableError"]
