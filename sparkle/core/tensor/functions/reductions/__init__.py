"""Sums, extremes, statistics, running totals and orders."""
