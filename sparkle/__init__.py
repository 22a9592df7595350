"""Sparkle."""
