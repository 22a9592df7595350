"""Rows of losses: each with every reduction."""

import numpy as np

from .module import I, S, T, X, args, layers, of

REDUCTIONS = ("mean", "sum", "none")


def loss(name, inputs, *options, reductions=REDUCTIONS, **rest):
    """A row for each set of options and reduction; options: keywords of the constructor."""
    ways = [args(**given, reduction=reduction) for given in options or [{}] for reduction in reductions]
    layers(name, inputs, *ways, **rest)


A, B = X(3, 5), X(3, 5)
UNIT = {"low": 0.05, "high": 0.95}
for name in ("L1Loss", "MSELoss"):
    loss(name, [A, B])
    loss(name, [X(2, 3, 4), X(2, 3, 4)])
loss("SmoothL1Loss", [A, B], {}, {"beta": 0.5}, {"beta": 0.0}, {"beta": 3})
loss("HuberLoss", [A, B], {}, {"delta": 0.5}, {"delta": 2})
loss("BCELoss", [X(3, 5, **UNIT), T(3, 5, **UNIT)], {}, {"weight": T(5, **UNIT)}, {"weight": T(3, 1, **UNIT)})
LOGITS = [A, T(3, 5, **UNIT)]
WEIGHTS, POSITIVE = T(5, **UNIT), T(5, low=1, high=3)
loss(
    "BCEWithLogitsLoss",
    LOGITS,
    {},
    {"weight": WEIGHTS},
    {"pos_weight": POSITIVE},
    {"weight": WEIGHTS, "pos_weight": POSITIVE},
)
loss("BCEWithLogitsLoss", [X(2, 3, 4), T(2, 3, 4, **UNIT)], {}, {"pos_weight": T(3, 1, **UNIT)})

CLASSES, SOME = I(3, high=5), np.array([1, -100, 4])
BY_CLASS = ({}, {"weight": WEIGHTS}, {"ignore_index": 2}, {"weight": WEIGHTS, "ignore_index": 1})
loss("NLLLoss", [A, CLASSES], *BY_CLASS)
loss("NLLLoss", [A, SOME], {}, {"weight": WEIGHTS}, batch=None)
loss("NLLLoss", [X(2, 5, 3), I(2, 3, high=5)], *BY_CLASS)
strided = {"strided": "torch's views do not fit its strides"}
loss("NLLLoss", [X(2, 5, 2, 3), I(2, 2, 3, high=5)], *BY_CLASS, differs=strided)
SMOOTH = ({"label_smoothing": 0.1}, {"weight": WEIGHTS, "label_smoothing": 0.3, "ignore_index": 2})
loss("CrossEntropyLoss", [A, CLASSES], *BY_CLASS, *SMOOTH)
loss("CrossEntropyLoss", [A, SOME], {}, {"label_smoothing": 0.2}, batch=None)
loss("CrossEntropyLoss", [X(2, 5, 3), I(2, 3, high=5)], *BY_CLASS, *SMOOTH)
loss("CrossEntropyLoss", [X(2, 5, 2, 3), I(2, 2, 3, high=5)], *BY_CLASS, *SMOOTH)
shares = [A, X(3, 5, **UNIT)]
loss("CrossEntropyLoss", shares, {}, {"weight": WEIGHTS}, {"weight": WEIGHTS, "label_smoothing": 0.2})
loss("CrossEntropyLoss", [X(2, 5, 3), T(2, 5, 3, **UNIT)], {}, {"weight": WEIGHTS, "label_smoothing": 0.2})
loss("CrossEntropyLoss", [A, np.array([-100, -100, -100])], batch=None)

loss("KLDivLoss", [A, T(3, 5, **UNIT)], {}, {"log_target": True}, reductions=(*REDUCTIONS, "batchmean"))
loss("KLDivLoss", [A, X(3, 5, **UNIT)], {"log_target": True}, {})
COUNTS = T(3, 5, low=0.3, high=4)
loss(
    "PoissonNLLLoss",
    [X(3, 5, low=0.1), COUNTS],
    {},
    {"log_input": False},
    {"full": True},
    {"full": True, "log_input": False, "eps": 1e-3},
)
VARIANCE = X(3, 5, low=0.2, high=2)
loss("GaussianNLLLoss", [A, B, VARIANCE], {}, {"full": True}, {"eps": 0.5})
loss("GaussianNLLLoss", [A, B, X(3, 1, low=0.2, high=2)])
loss("GaussianNLLLoss", [A, B, X(3, low=0.2, high=2)])
loss("HingeEmbeddingLoss", [A, S(3, 5)], {}, {"margin": 0.5})
loss("SoftMarginLoss", [A, S(3, 5)])
loss("MarginRankingLoss", [X(4), X(4), S(4)], {}, {"margin": 0.2})
loss("MarginRankingLoss", [A, B, S(3, 5)], {"margin": 0.2})
loss("CosineEmbeddingLoss", [A, B, S(3)], {}, {"margin": 0.2}, {"margin": -0.3})
loss(
    "MultiMarginLoss",
    [A, CLASSES],
    {},
    {"p": 2},
    {"margin": 0.5},
    {"weight": WEIGHTS},
    {"p": 2, "weight": WEIGHTS, "margin": 2.0},
    left_out={"empty": "torch reads memory that it has not written"},
)
loss("MultiLabelMarginLoss", [A, np.array([[1, 3, -1, 0, 0], [2, -1, 1, 1, 1], [0, 1, 2, 3, 4]])])
loss("MultiLabelMarginLoss", [X(5), np.array([1, 3, -1, 0, 0])], batch=None)
loss("MultiLabelSoftMarginLoss", [A, T(3, 5, make=lambda a: (a > 0) * 1.0)], {}, {"weight": WEIGHTS})
TRIPLET = [A, B, X(3, 5)]
loss("TripletMarginLoss", TRIPLET, {}, {"margin": 0.3}, {"p": 1}, {"swap": True}, {"p": 3.0, "eps": 1e-3, "swap": True})
manhattan = of(lambda L: lambda a, b: (a - b).abs().sum(-1))
loss("TripletMarginWithDistanceLoss", TRIPLET, {}, {"margin": 0.3}, {"swap": True})
loss("TripletMarginWithDistanceLoss", TRIPLET, {"distance_function": manhattan, "swap": True}, copied=False)


def probabilities(L, x, *rest):
    return [x.log_softmax(-1), *rest]


TARGETS, STEPS, COUNT = I(2, 3, high=4), np.array([6, 5]), np.array([3, 2])
for targets in (TARGETS, I(5, high=4)):
    ctc = [of(probabilities, X(6, 2, 5), targets, STEPS, COUNT)]
    loss("CTCLoss", ctc, {"blank": 4}, {"blank": 4, "zero_infinity": True}, batch=None)
loss("CTCLoss", [of(probabilities, X(6, 5), I(3, high=4), np.array(6), np.array(3))], {"blank": 4}, batch=None)
short = [of(probabilities, X(3, 2, 5), np.array([[1, 1, 2], [3, 2, 1]]), np.array([3, 3]), np.array([3, 3]))]
loss("CTCLoss", short, {"zero_infinity": True}, batch=None)

features = [X(4, 6), I(4, high=5)]
own = [args(6, 5, bias=bias, reduction=reduction) for bias in (True, False) for reduction in REDUCTIONS]
layers("LinearCrossEntropyLoss", features, *own, args(6, 5, weight=WEIGHTS, ignore_index=2, label_smoothing=0.1))
layers("LinearCrossEntropyLoss", [X(4, 6), I(4, 3, high=5)], args(6, 5, out_features=(3,)))
loss("NLLLoss2d", [X(2, 5, 2, 3), I(2, 2, 3, high=5)], {}, {"weight": WEIGHTS}, differs=strided)

ADAPTIVE = [X(9, 16), np.array([0, 11, 3, 2, 7, 6, 1, 1, 10])]
layers(
    "AdaptiveLogSoftmaxWithLoss",
    ADAPTIVE,
    args(16, 12, [3, 7]),
    args(16, 12, [4], div_value=2.0, head_bias=True),
    batch=None,
)
layers("AdaptiveLogSoftmaxWithLoss", [X(16), np.array(11)], args(16, 12, [3, 7]), batch=None)
for flags in ({"size_average": False}, {"reduce": False}, {"size_average": True, "reduce": True}):
    layers("MSELoss", [A, B], args(**flags))
