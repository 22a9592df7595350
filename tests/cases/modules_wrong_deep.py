"""What recurrent layers, attention, losses, containers and state dicts refuse."""

from .wrong import wrong


def ones(L, *shape):
    return L.ones(*shape)


def rnn(L):
    return L.nn.utils.rnn


for name in ("RNN", "LSTM", "GRU"):
    wrong("recurrent", lambda L, n=name: getattr(L.nn, n)(2, 3)(ones(L, 0, 3, 2)), "0")
    wrong("recurrent", lambda L, n=name: getattr(L.nn, n)(2, 3)(ones(L, 2)), "1D")
    wrong("recurrent", lambda L, n=name: getattr(L.nn, n)(2, 3)(ones(L, 2, 3, 5)), "5", "2")
    wrong("recurrent", lambda L, n=name: getattr(L.nn, n)(2, 3)(ones(L, 2, 3, 2).double()), "float64", "float32")
    hidden = ("(1, 3, 3)", "(1, 2, 3)") if name != "LSTM" else ("1",)
    wrong("recurrent", lambda L, n=name: getattr(L.nn, n)(2, 3)(ones(L, 2, 3, 2), ones(L, 1, 2, 3)), *hidden)
    wrong("recurrent", lambda L, n=name: getattr(L.nn, n)(2, 3)(ones(L, 2, 3, 2), ones(L, 3, 3)), "-D")
    wrong(
        "recurrent",
        lambda L, n=name: getattr(L.nn, n)(2, 3)(ones(L, 2, 2), ones(L, 1, 2, 3)),
        "2-D" if name != "LSTM" else "1",
    )
    wrong("cell", lambda L, n=name: getattr(L.nn, f"{n}Cell")(2, 3)(ones(L, 3, 2, 1)), "3")
    wrong("cell", lambda L, n=name: getattr(L.nn, f"{n}Cell")(2, 3)(ones(L, 3, 5)), "5", "2")
    wrong("cell", lambda L, n=name: getattr(L.nn, f"{n}Cell")(2, 3)(ones(L, 3, 2).double()), "float64", "float32")
wrong("recurrent", lambda L: L.nn.GRU(2, 3)(ones(L, 2, 3, 2), ones(L, 1, 3, 3).double()), "float64", "float32")
wrong("recurrent", lambda L: L.nn.LSTM(2, 3)(ones(L, 2, 3, 2), (ones(L, 1, 3, 3), ones(L, 1, 3, 4))), "4", "3")
wrong("recurrent", lambda L: L.nn.LSTM(2, 3)(ones(L, 2, 3, 2), (ones(L, 1, 4, 3), ones(L, 1, 3, 3))), "4", "3")
wrong("recurrent", lambda L: L.nn.RNN(2, 3)(rnn(L).pack_sequence([ones(L, 2, 5)])), "5", "2")
wrong("recurrent", lambda L: L.nn.RNN(2, 3, nonlinearity="x"), "'x'")
wrong("recurrent", lambda L: L.nn.RNN(2, 3, proj_size=2), "proj_size")
wrong("recurrent", lambda L: L.nn.GRU(2, 3, proj_size=2), "proj_size")
wrong("recurrent", lambda L: L.nn.LSTM(2, 3, proj_size=3), "3")
wrong("recurrent", lambda L: L.nn.LSTM(2, 3, proj_size=-1), "-1")
wrong("recurrent", lambda L: L.nn.LSTM(2, 0), "0")
wrong("recurrent", lambda L: L.nn.LSTM(2.0, 1), "float")
wrong("recurrent", lambda L: L.nn.LSTM(0, 1), "0")
wrong("recurrent", lambda L: L.nn.LSTM(2, 1, 0), "0")
wrong("recurrent", lambda L: L.nn.LSTM(2, 1, bias=1), "int")
wrong("recurrent", lambda L: L.nn.LSTM(2, 1, batch_first=1), "int")
wrong("recurrent", lambda L: L.nn.LSTM(2, 1, dropout=2), "2")
wrong("recurrent", lambda L: L.nn.LSTM(), "input_size")
wrong("recurrent", lambda L: L.nn.RNNBase("x", 2, 3), "x")
wrong("cell", lambda L: L.nn.RNNCell(2, 3)(ones(L, 3, 2), ones(L, 2, 3)), "2", "3")
wrong("cell", lambda L: L.nn.RNNCell(2, 3)(ones(L, 3, 2), ones(L, 3, 4)), "4", "3")
wrong("cell", lambda L: L.nn.GRUCell(2, 3)(ones(L, 3, 2), ones(L, 3)), "(3,)")
wrong("cell", lambda L: L.nn.LSTMCell(2, 3)(ones(L, 3, 2), ones(L, 3, 3)), "one tensor")
wrong("cell", lambda L: L.nn.LSTMCell(2, 3)(ones(L, 3, 2), (ones(L, 3, 3), ones(L, 3, 4))), "4", "3")
wrong("cell", lambda L: L.nn.LSTMCell(2, 3)(ones(L, 3, 2), (ones(L, 2, 3), ones(L, 3, 3))), "2", "3")
wrong("cell", lambda L: L.nn.RNNCell(2, 3, nonlinearity="x")(ones(L, 3, 2)), "x")
wrong("packed", lambda L: rnn(L).pack_padded_sequence(ones(L, 4, 3, 2), [4, 2, 3]), "[4, 2, 3]")
wrong("packed", lambda L: rnn(L).pack_padded_sequence(ones(L, 4, 3, 2), [4, 2, 0]), "0")
wrong("packed", lambda L: rnn(L).pack_padded_sequence(ones(L, 4, 3, 2), [4, 2]), "2", "3")
wrong("packed", lambda L: rnn(L).pack_padded_sequence(ones(L, 4, 3, 2), L.tensor([[4, 2, 1]])), "2")
wrong("packed", lambda L: rnn(L).pack_padded_sequence(ones(L, 4), [4]), "(4,)")
wrong("packed", lambda L: rnn(L).pad_packed_sequence(rnn(L).pack_sequence([ones(L, 2)]), total_length=1), "1", "2")
wrong("packed", lambda L: rnn(L).pad_sequence([]), "empty")
wrong("packed", lambda L: rnn(L).pad_sequence(3), "int")
wrong("packed", lambda L: rnn(L).pad_sequence([ones(L, 2, 3), ones(L, 3, 2)]), "3", "2")
wrong("packed", lambda L: rnn(L).pad_sequence([ones(L, 2)], padding_side="up"), "up")
wrong("packed", lambda L: rnn(L).pack_sequence([ones(L, 2), ones(L, 3)]), "enforce_sorted")


def attend(L, *shapes, options=None, **call):
    return L.nn.MultiheadAttention(8, 2, **(options or {}))(*(ones(L, *s) for s in shapes), **call)


SAME = [(3, 2, 8)] * 3
wrong("attention", lambda L: L.nn.MultiheadAttention(8, 3), "8", "3")
wrong("attention", lambda L: L.nn.MultiheadAttention(0, 3), "0", "3")
wrong("attention", lambda L: L.nn.MultiheadAttention(8, 0), "0")
wrong("attention", lambda L: attend(L, *[(1, 3, 2, 8)] * 3), "4")
wrong("attention", lambda L: attend(L, *[(3, 2, 7)] * 3), "7", "8")
wrong("attention", lambda L: attend(L, (3, 2, 8), (3, 8), (3, 8)), "2")
wrong("attention", lambda L: attend(L, (3, 2, 8), (4, 2, 8), (3, 2, 8)), "4", "3")
wrong("attention", lambda L: attend(L, *SAME, is_causal=True), "attn_mask")
wrong("attention", lambda L: attend(L, *SAME, attn_mask=ones(L, 3, 4)), "(3, 4)", "(3, 3)")
wrong("attention", lambda L: attend(L, *SAME, attn_mask=ones(L, 3, 3, 3)), "(3, 3, 3)", "(4, 3, 3)")
wrong("attention", lambda L: attend(L, *SAME, attn_mask=ones(L, 3)), "1")
wrong("attention", lambda L: attend(L, *SAME, attn_mask=ones(L, 3, 3).long()), "int64")
wrong("attention", lambda L: attend(L, *SAME, key_padding_mask=ones(L, 2, 4)), "(2, 4)", "(2, 3)")
wrong("attention", lambda L: attend(L, *SAME, key_padding_mask=ones(L, 2)), "2-D", "1-D")
wrong("attention", lambda L: attend(L, *[(3, 8)] * 3, attn_mask=ones(L, 1, 3, 3)), "(1, 3, 3)")


def product(L, *shapes, **options):
    return L.nn.functional.scaled_dot_product_attention(*(ones(L, *s) for s in shapes), **options)


wrong("attention", lambda L: product(L, (3,), (3,), (3,)), "1, 1 and 1")
wrong("attention", lambda L: product(L, *[(3, 2)] * 3, attn_mask=ones(L, 3, 3).long()), "int64")
wrong("attention", lambda L: product(L, *[(3, 2)] * 3, attn_mask=ones(L, 3, 3).double()), "float64", "float32")
wrong("attention", lambda L: product(L, *[(3, 2)] * 3, attn_mask=ones(L, 3, 4)), "4", "3")
wrong("attention", lambda L: product(L, *[(3, 2)] * 3, dropout_p=1.5), "1.5")
wrong("attention", lambda L: product(L, (3, 2), (3, 1), (3, 1)), "2", "1")
wrong("attention", lambda L: product(L, (1, 4, 3, 2), *[(1, 2, 3, 2)] * 2), "4", "2")
wrong("attention", lambda L: product(L, (1, 4, 3, 2), *[(1, 3, 3, 2)] * 2, enable_gqa=True), "4", "3")
wrong("attention", lambda L: L.nn.functional.scaled_dot_product_attention(1, ones(L, 3, 2), ones(L, 3, 2)), "int")

wrong("transformer", lambda L: L.nn.TransformerEncoderLayer(8, 2, activation="tanh"), "tanh")
wrong("transformer", lambda L: L.nn.Transformer(8, 2, 1, 1, 8)(ones(L, 3, 2, 8), ones(L, 3, 1, 8)), "2", "1")
wrong("transformer", lambda L: L.nn.Transformer(8, 2, 1, 1, 8)(ones(L, 3, 2, 8), ones(L, 3, 2, 7)), "7", "8")
wrong("transformer", lambda L: L.nn.Transformer(8, 3), "8", "3")
wrong("transformer", lambda L: L.nn.TransformerEncoderLayer(8, 2, 4)(ones(L, 3, 2, 7)), "7", "8")
wrong("transformer", lambda L: L.nn.TransformerDecoderLayer(8, 2, 4)(ones(L, 3, 2, 8), ones(L, 3, 2, 7)), "7", "8")
wrong("transformer", lambda L: L.nn.TransformerEncoderLayer(8, 2, dropout=2.0), "2.0")

X = (2, 3)


def of(L, name, *values, **options):
    return getattr(L.nn, name)(**options)(*values)


LOSSES = "L1Loss MSELoss SmoothL1Loss HuberLoss BCEWithLogitsLoss KLDivLoss PoissonNLLLoss SoftMarginLoss".split()
for name in LOSSES:
    wrong("loss", lambda L, n=name: of(L, n, ones(L, 2, 3), ones(L, 2, 3), reduction="other"), "other")
wrong("loss", lambda L: of(L, "MSELoss", ones(L, 2, 3), ones(L, 2, 4)), "3", "4")
wrong("loss", lambda L: of(L, "L1Loss", ones(L, 2, 3), ones(L, 4)), "3", "4")
wrong("loss", lambda L: of(L, "SmoothL1Loss", ones(L, 2, 3), ones(L, 2, 3), beta=-1.0), "-1")
wrong("loss", lambda L: of(L, "HuberLoss", ones(L, 2, 3), ones(L, 2, 3), delta=0.0), "0")
wrong("loss", lambda L: of(L, "BCELoss", ones(L, 2, 3), ones(L, 2)), "(2, 3)", "(2,)")
wrong("loss", lambda L: of(L, "BCELoss", ones(L, 2) + 1, ones(L, 2)), "2.0")
wrong("loss", lambda L: of(L, "BCELoss", ones(L, 2, 3), ones(L, 2, 3), weight=ones(L, 4)), "4", "3")
wrong("loss", lambda L: of(L, "BCEWithLogitsLoss", ones(L, 2, 3), ones(L, 2)), "(2, 3)", "(2,)")
wrong("loss", lambda L: of(L, "BCEWithLogitsLoss", ones(L, 2, 3), ones(L, 2, 3), pos_weight=ones(L, 4)), "4", "3")
wrong("loss", lambda L: of(L, "NLLLoss", ones(L, 2, 3), L.tensor([0, 3])), "3")
wrong("loss", lambda L: of(L, "NLLLoss", ones(L, 2, 3), L.tensor([0, 1, 2])), "2", "3")
wrong("loss", lambda L: of(L, "NLLLoss", ones(L, 2, 3), L.tensor([0.0, 1.0])), "float32")
wrong("loss", lambda L: of(L, "NLLLoss", ones(L, 2, 3), L.tensor([0, 1]), weight=ones(L, 4)), "4", "3")
wrong("loss", lambda L: of(L, "CrossEntropyLoss", ones(L, 2, 3), L.tensor([0, 3])), "3")
wrong("loss", lambda L: of(L, "CrossEntropyLoss", ones(L, 2, 3), L.tensor([0, -1])), "-1")
wrong("loss", lambda L: of(L, "CrossEntropyLoss", ones(L, 2, 3), L.tensor([0])), "2", "1")
wrong("loss", lambda L: of(L, "CrossEntropyLoss", ones(L, 2, 3), ones(L, 2, 4)), "3", "4")
wrong("loss", lambda L: of(L, "CrossEntropyLoss", ones(L, 2, 3), L.tensor([0, 1]), weight=ones(L, 2)), "2", "3")
wrong("loss", lambda L: of(L, "CrossEntropyLoss", ones(L, 2, 3), L.tensor([0, 1]), label_smoothing=1.5), "1.5")
wrong("loss", lambda L: of(L, "CrossEntropyLoss", ones(L, 2, 3).long(), L.tensor([0, 1])), "int64")
wrong("loss", lambda L: of(L, "GaussianNLLLoss", ones(L, 2, 3), ones(L, 2, 3), -ones(L, 2, 3)), "-1")
wrong("loss", lambda L: of(L, "GaussianNLLLoss", ones(L, 2, 3), ones(L, 2, 3), ones(L, 2, 2)), "(2, 2)", "(2, 3)")
wrong("loss", lambda L: of(L, "MarginRankingLoss", ones(L, 2), ones(L, 2, 2), ones(L, 2)), "(2, 2)", "(2,)")
wrong("loss", lambda L: of(L, "HingeEmbeddingLoss", ones(L, 2, 3), ones(L, 2, 4)), "3", "4")
wrong("loss", lambda L: of(L, "CosineEmbeddingLoss", ones(L, 2, 3), ones(L, 2, 3), ones(L, 2, 1)), "2D", "(2, 3)")
wrong("loss", lambda L: of(L, "CosineEmbeddingLoss", ones(L, 2, 3), ones(L, 2, 4), ones(L, 2)), "(2, 3)", "(2, 4)")
wrong("loss", lambda L: of(L, "MultiMarginLoss", ones(L, 2, 3), L.tensor([0, 3])), "3")
wrong("loss", lambda L: of(L, "MultiMarginLoss", ones(L, 2, 3), L.tensor([0, 1]), weight=ones(L, 2)), "(2,)", "(3,)")
wrong("loss", lambda L: of(L, "MultiLabelMarginLoss", ones(L, 1, 3), L.tensor([[0, -1, -2]])), "-2")
wrong("loss", lambda L: L.nn.MultiMarginLoss(p=3), "3")
wrong("loss", lambda L: L.nn.MultiMarginLoss(weight=ones(L, 2, 2)), "2")
wrong("loss", lambda L: of(L, "MultiLabelMarginLoss", ones(L, 2, 3), L.zeros(2, 4).long()), "(2, 4)", "(2, 3)")
wrong("loss", lambda L: of(L, "MultiLabelMarginLoss", ones(L, 2, 3), L.zeros(2, 3).long() + 3), "3")
wrong("loss", lambda L: of(L, "MultiLabelSoftMarginLoss", ones(L, 2, 3), ones(L, 2, 4)), "3", "4")
wrong("loss", lambda L: L.nn.TripletMarginLoss(margin=-1.0), "-1.0")
wrong("loss", lambda L: of(L, "TripletMarginLoss", ones(L, 2, 3), ones(L, 3), ones(L, 2, 3)), "1")
wrong("loss", lambda L: L.nn.TripletMarginWithDistanceLoss(margin=-1.0), "-1.0")
wrong("loss", lambda L: L.nn.CTCLoss()(ones(L, 2, 1, 3), L.tensor([[1]]), (3,), (1,)), "3", "2")
wrong("loss", lambda L: L.nn.CTCLoss()(ones(L, 2, 1, 3), L.tensor([[1]]), (2, 2), (1,)), "2", "1")
wrong("loss", lambda L: L.nn.CTCLoss(blank=3)(ones(L, 2, 1, 3), L.tensor([[1]]), (2,), (1,)), "3")
wrong("adaptive", lambda L: L.nn.AdaptiveLogSoftmaxWithLoss(4, 10, []), "0")
wrong("adaptive", lambda L: L.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [5, 3]), "[5, 3]")
wrong("adaptive", lambda L: L.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 10]), "10")
wrong("adaptive", lambda L: L.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3])(ones(L, 2, 4), L.tensor([1, 10])), "10")
wrong("adaptive", lambda L: L.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3])(ones(L, 2, 4), L.tensor([1])), "2", "1")
wrong("adaptive", lambda L: L.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3])(ones(L, 4), L.tensor([1])), "1")
wrong("adaptive", lambda L: L.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3])(ones(L, 2, 4), L.tensor([[1], [1]])), "2")

wrong("containers", lambda L: L.nn.Sequential(3), "int")
wrong("containers", lambda L: L.nn.Sequential(L.nn.ReLU())[1], "1")
wrong("containers", lambda L: L.nn.ModuleList([L.nn.ReLU()])[-2], "-2")
wrong("containers", lambda L: L.nn.ModuleList([L.nn.ReLU(), 5]), "int")
wrong("containers", lambda L: L.nn.ModuleList([L.nn.ReLU()])(1), "forward")
wrong("containers", lambda L: L.nn.ModuleDict({"a.b": L.nn.ReLU()}), "a.b")
wrong("containers", lambda L: L.nn.ModuleDict({"": L.nn.ReLU()}), '""')
wrong("containers", lambda L: L.nn.ModuleDict({"a": 3}), "int")
wrong("containers", lambda L: L.nn.ModuleDict()["b"], "b")
wrong("containers", lambda L: L.nn.ParameterDict({3: ones(L, 2)}), "3")
wrong("containers", lambda L: L.nn.ParameterList(ones(L, 2)), "Tensor")
wrong("containers", lambda L: L.nn.ParameterList([ones(L, 2)])[1], "1")
wrong("containers", lambda L: L.nn.Sequential(L.nn.ReLU()).get_submodule("x"), "x")
wrong("containers", lambda L: L.nn.Linear(1, 1).register_buffer("weight", ones(L, 1)), "weight")
wrong("containers", lambda L: L.nn.Linear(1, 1).register_parameter("p", ones(L, 1)), "Tensor", "'p'")
wrong("containers", lambda L: L.nn.Linear(1, 1).to(L.int64), "int64")
wrong("containers", lambda L: L.nn.Linear(1, 1).train("yes"), "'yes'")


def load(L, state, **options):
    return L.nn.Linear(2, 3).load_state_dict(state, **options)


wrong("state dict", lambda L: load(L, {}), '"weight", "bias"')
wrong("state dict", lambda L: load(L, {"weight": ones(L, 3, 2)}), '"bias"')
wrong("state dict", lambda L: load(L, {"weight": ones(L, 3, 2), "bias": ones(L, 3), "extra": ones(L, 1)}), '"extra"')
wrong("state dict", lambda L: load(L, {"weight": ones(L, 2, 3), "bias": ones(L, 3)}), "[2, 3]", "[3, 2]")
wrong("state dict", lambda L: load(L, {"weight": ones(L, 2, 3)}, strict=False), "weight", "[2, 3]", "[3, 2]")
wrong("state dict", lambda L: load(L, {"weight": 3, "bias": ones(L, 3)}), "weight", "int")
wrong("state dict", lambda L: load(L, [1]), "list")
wrong("state dict", lambda L: L.nn.BatchNorm1d(2).load_state_dict(L.nn.BatchNorm1d(3).state_dict()), "[3]", "[2]")
wrong(
    "state dict",
    lambda L: L.nn.Sequential(L.nn.Linear(1, 2)).load_state_dict(L.nn.Linear(1, 2).state_dict()),
    '"0.weight"',
    '"weight"',
)


def bag(L, index=(0, 2, 1, 3), offsets=(0, 2), weight=None, **options):
    table = ones(L, 4, 3) if weight is None else weight
    given = None if offsets is None else L.tensor(offsets)
    return L.nn.functional.embedding_bag(L.tensor(index), table, given, **options)


wrong("bags", lambda L: bag(L, mode="x"), "x")
wrong("bags", lambda L: bag(L, offsets=None), "offsets")
wrong("bags", lambda L: bag(L, index=[[0, 1]]), "2")
wrong("bags", lambda L: bag(L, index=[[[0, 1]]]), "3")
wrong("bags", lambda L: bag(L, offsets=[[0, 1]]), "2")
wrong("bags", lambda L: bag(L, offsets=[0.0, 1.0]), "float32")
wrong("bags", lambda L: bag(L, index=[0, 4]), "4")
wrong("bags", lambda L: bag(L, index=[-1, 0]), "-1")
wrong("bags", lambda L: bag(L, offsets=[1, 2]), "1")
wrong("bags", lambda L: bag(L, offsets=[0, 5]), "5", "4")
wrong("bags", lambda L: bag(L, offsets=[], include_last_offset=True), "float32")
wrong("bags", lambda L: bag(L, per_sample_weights=ones(L, 4)), "mean")
wrong("bags", lambda L: bag(L, per_sample_weights=ones(L, 3), mode="sum"), "3", "4")
wrong("bags", lambda L: bag(L, per_sample_weights=ones(L, 4).double(), mode="sum"), "float64", "float32")
wrong("bags", lambda L: bag(L, padding_idx=4), "4")
wrong("bags", lambda L: bag(L, padding_idx=-5), "-5")
wrong("bags", lambda L: bag(L, mode="max", scale_grad_by_freq=True), "max")
wrong("bags", lambda L: bag(L, weight=ones(L, 4)), "1")
wrong("bags", lambda L: bag(L, weight=ones(L, 4, 3).long()), "int64")
