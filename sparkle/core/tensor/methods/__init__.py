"""Families of tensor methods; nearly all are the functions of `functions/` under the same names."""
