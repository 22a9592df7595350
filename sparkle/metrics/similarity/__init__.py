"""Metrics that compare distributions and vectors."""
