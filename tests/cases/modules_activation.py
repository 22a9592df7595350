"""Rows of activations."""

from .module import X, args, layers

MATRIX, WIDE = [X(3, 5)], [X(3, 5, low=-8, high=8)]
for name in "ReLU ReLU6 SELU SiLU Mish Hardswish Hardsigmoid".split():
    rough = {"rtol": 1e-7} if name == "Hardsigmoid" else {}  # torch's factor in the gradient is a float32 sixth
    layers(name, WIDE, args(), args(inplace=False), **rough)
    layers(name, [X(2, 3, 2, 2)], args(), **rough)
for name in "Sigmoid Tanh LogSigmoid Softsign Tanhshrink".split():
    layers(name, WIDE)
    layers(name, [X(2, 3, 2, 2)])
layers("LeakyReLU", MATRIX, args(), args(0.2), args(negative_slope=-0.5))
layers("PReLU", MATRIX, args(), args(5, init=0.1), args(num_parameters=1, init=-0.5))
layers("PReLU", [X(2, 4, 3, 2)], args(), args(4, 0.3))
layers("ELU", MATRIX, args(), args(1.5))
layers("CELU", MATRIX, args(), args(2.0), args(alpha=0.3), rtol=1e-6)  # torch rounds 1 / alpha to float32
layers("GELU", MATRIX, args(), args("tanh"), args(approximate="none"))
layers("Softplus", WIDE, args(), args(2.0), args(2.0, 1.0), args(beta=0.5, threshold=3))
layers("Softshrink", MATRIX, args(), args(0.3), args(0.0))
layers("Hardshrink", MATRIX, args(), args(0.3), args(lambd=1.0))
layers("Hardtanh", MATRIX, args(), args(-0.5, 0.7), args(min_val=0.0, max_val=0.5))
layers("Threshold", MATRIX, args(0.1, 20), args(-1.0, 0.5), args(threshold=0, value=0))
layers("GLU", [X(4, 6)], args(), args(0), args(dim=1))
layers("GLU", [X(2, 4, 6)], args(), args(1))
layers("RReLU", MATRIX, args(), args(0.2, 0.4), random=True)
layers("RReLU", MATRIX, args(0.25, 0.25))
for name in ("Softmax", "LogSoftmax", "Softmin"):
    layers(name, MATRIX, args(dim=1), args(0), args(-1))
    layers(name, [X(2, 3, 4)], args(dim=1), args(2))
layers("Softmax2d", [X(2, 3, 4, 2)])

for name in "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout".split():
    inputs = {"1": [X(2, 3, 4)], "3": [X(2, 3, 2, 2, 2)]}.get(name[-2], [X(2, 3, 4, 2)])
    layers(name, inputs, args(0.0), args(p=0))
    layers(name, inputs, args(), args(0.3), args(0.9, inplace=False), random=True)
for name in "Dropout Dropout1d Dropout2d Dropout3d".split():
    layers(name, [X(2, 3, 4)] if name == "Dropout1d" else [X(2, 3, 2, 2, 2)], args(1.0))
