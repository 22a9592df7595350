"""Distributions of real numbers and vectors."""
