"""Differentiable ops on arrays, one family a file."""
