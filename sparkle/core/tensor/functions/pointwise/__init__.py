"""Functions of single elements, comparisons and choices."""
