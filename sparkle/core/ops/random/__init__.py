"""Random draws with gradients."""
