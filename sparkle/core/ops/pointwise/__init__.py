"""Functions of single elements, and choices between them."""
