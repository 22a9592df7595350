"""Neural networks: modules, functional, init, utils."""
