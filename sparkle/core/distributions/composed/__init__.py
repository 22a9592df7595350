"""Distributions made of others, and transforms of their variables."""
