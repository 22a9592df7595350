"""Metrics of classes and labels; all of them are in `sparkle.metrics`."""
