"""Sparkle beside torch and Ignite: `python -m benchmarks` or `make bench`."""
