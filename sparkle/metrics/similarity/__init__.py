"""Metrics that compare distributions and vectors; all of them are in `sparkle.metrics`."""
