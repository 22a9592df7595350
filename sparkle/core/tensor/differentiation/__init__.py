"""Gradients as users ask for them: functions, graphs, checks, recomputation."""
