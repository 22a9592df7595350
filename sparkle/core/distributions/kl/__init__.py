"""Kullback-Leibler divergences."""
