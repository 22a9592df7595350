"""The tensor, autograd, nn and optim core."""
