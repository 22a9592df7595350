"""Shapes, joints and indices."""
