"""Functions of tensors, one family a file."""
