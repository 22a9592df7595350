"""Rows of recurrent layers and their cells."""

from .module import X, args, layers, of

FLAGS = (
    {},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True},
    {"bias": False, "bidirectional": True},
    {"batch_first": True, "num_layers": 2},
    {"num_layers": 2, "dropout": 0.0, "bias": False},
)
LENGTHS = [2, 5, 1]  # a batch of three; five steps


def pack(L, x, first):
    return L.nn.utils.rnn.pack_padded_sequence(x, LENGTHS, first, enforce_sorted=False)


for name, extras in (("RNN", ({}, {"nonlinearity": "relu"})), ("LSTM", ({}, {"proj_size": 2})), ("GRU", ({},))):
    for extra in extras:
        for flags in FLAGS:
            both = args(3, 4, **flags, **extra)
            first = bool(flags.get("batch_first"))
            x = X(3, 5, 3) if first else X(5, 3, 3)
            states = flags.get("num_layers", 1) * (2 if flags.get("bidirectional") else 1)
            hidden = X(states, 3, extra.get("proj_size", 4))
            start = (hidden, X(states, 3, 4)) if name == "LSTM" else hidden
            count = 2 if name == "LSTM" else 1
            layers(name, [x], both, batch=0 if first else 1)
            layers(name, [x, start], both, batch=(0 if first else 1, *[1] * count), initial=False)
            packed = {"batch": None, "initial": False}
            if name == "LSTM":
                packed["differs"] = {"mixed": "torch says ValueError of all other recurrent layers, here RuntimeError"}
            layers(name, [of(pack, x, first)], both, **packed)
            layers(name, [of(pack, x, first), start], both, **packed)
for name in ("RNN", "LSTM", "GRU"):  # packed as it stands
    sorted_ = of(lambda L, x: L.nn.utils.rnn.pack_padded_sequence(x, [5, 2, 1]), X(5, 3, 3))
    mixed = {"mixed": "as above"} if name == "LSTM" else {}
    layers(name, [sorted_], args(3, 4, 2, bidirectional=True), batch=None, initial=False, differs=mixed)
layers("LSTM", [X(5, 2, 3)], args(3, 4, 2, dropout=1.0), args(input_size=3, hidden_size=1), batch=1)
layers("GRU", [X(5, 2, 3)], args(3, 4, 2, True, False, 1.0, True), batch=1)
layers("RNN", [X(5, 2, 3)], args(3, 4, 2, "tanh", False, True), batch=0)
layers("RNN", [X(5, 2, 3)], args(3, 4, 2, dropout=0.5), batch=1, random=True)

for name, flags in (("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu"}), ("LSTMCell", {}), ("GRUCell", {})):
    for bias in (True, False):
        layers(name, [X(2, 3)], args(3, 4, bias, **flags))
        state = (X(2, 4), X(2, 4)) if name == "LSTMCell" else X(2, 4)
        layers(name, [X(2, 3), state], args(3, 4, bias=bias, **flags), initial=False)
