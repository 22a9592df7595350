"""Helpers for distributions of one's own, as `torch.distributions.utils`."""

from ..core.distributions.parameters import broadcast_all, clamp_probs, lazy_property, logits_to_probs, probs_to_logits

__all__ = ["broadcast_all", "clamp_probs", "lazy_property", "logits_to_probs", "probs_to_logits"]
