"""Rows of modules that hold others."""

from collections import OrderedDict

from .module import X, args, layers, of

linear, tanh, last = (
    of(lambda L: L.nn.Linear(6, 4)),
    of(lambda L: L.nn.Tanh()),
    of(lambda L: L.nn.Linear(4, 2, bias=False)),
)
named = of(lambda L, *made: OrderedDict(zip(("first", "middle", "last"), made, strict=True)), linear, tanh, last)
layers("Sequential", [X(3, 6)], args(), args(linear, tanh, last), args(named))
block = of(lambda L: L.nn.Sequential(L.nn.Conv2d(2, 3, 3, padding=1), L.nn.BatchNorm2d(3), L.nn.ReLU()))
layers("Sequential", [X(4, 2, 3, 3)], args(block, of(lambda L: L.nn.Sequential(L.nn.Flatten(), L.nn.Linear(27, 2)))))

several = of(lambda L: [L.nn.ReLU(), L.nn.ReLU(), L.nn.Linear(1, 2), L.nn.Sequential(L.nn.Tanh())])
layers("ModuleList", [X(2)], args(), args(several))
layers(
    "ModuleDict", [X(2)], args(), args({"a": linear, "b": of(lambda L: L.nn.ModuleList([L.nn.Tanh(), L.nn.Tanh()]))})
)
parameter = of(lambda L: L.nn.Parameter(L.zeros(2, 3)))
layers(
    "ParameterList",
    [X(2)],
    args(),
    args([parameter, parameter]),
    args([of(lambda L: L.ones(2).double()), parameter, 3]),
)
layers(
    "ParameterDict",
    [X(2)],
    args(),
    args({"right": parameter, "left": parameter}),
    args([("z", parameter), ("a", parameter)]),
)
