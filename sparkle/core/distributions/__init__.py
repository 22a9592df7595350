"""Probability distributions on tensors; `sparkle.distributions` has their names."""
