"""A language model of two LSTM layers with tied weights, trained by truncated backpropagation through time."""

import math

import numpy as np
import torch
import torch.nn as nn

TOKENS = 13


class RNNModel(nn.Module):
    def __init__(self, kind, ntoken, ninp, nhid, nlayers, dropout=0.5, tie_weights=False):
        super().__init__()
        self.ntoken = ntoken
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = getattr(nn, kind)(ninp, nhid, nlayers, dropout=dropout)
        self.decoder = nn.Linear(nhid, ntoken)
        if tie_weights:
            if nhid != ninp:
                raise ValueError("When using the tied flag, nhid must be equal to emsize")
            self.decoder.weight = self.encoder.weight
        self.init_weights()
        self.kind = kind
        self.nhid = nhid
        self.nlayers = nlayers

    def init_weights(self):
        initrange = 0.1
        nn.init.uniform_(self.encoder.weight, -initrange, initrange)
        nn.init.zeros_(self.decoder.bias)
        nn.init.uniform_(self.decoder.weight, -initrange, initrange)

    def forward(self, input, hidden):
        emb = self.drop(self.encoder(input))
        output, hidden = self.rnn(emb, hidden)
        output = self.drop(output)
        decoded = self.decoder(output)
        decoded = decoded.view(-1, self.ntoken)
        return nn.functional.log_softmax(decoded, dim=1), hidden

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        if self.kind == "LSTM":
            return (weight.new_zeros(self.nlayers, bsz, self.nhid), weight.new_zeros(self.nlayers, bsz, self.nhid))
        return weight.new_zeros(self.nlayers, bsz, self.nhid)


def repackage_hidden(h):
    """Wraps hidden states in new Tensors, to detach them from their history."""
    if isinstance(h, torch.Tensor):
        return h.detach()
    return tuple(repackage_hidden(v) for v in h)


def batchify(data, bsz):
    nbatch = data.size(0) // bsz
    data = data.narrow(0, 0, nbatch * bsz)
    return data.view(bsz, -1).t().contiguous()


def get_batch(source, i, bptt):
    seq_len = min(bptt, len(source) - 1 - i)
    return source[i : i + seq_len], source[i + 1 : i + 1 + seq_len].view(-1)


def make(dropout, kind="LSTM"):
    return RNNModel(kind, TOKENS, 12, 12, 2, dropout=dropout, tie_weights=True)


KINDS = {"lstm": {}, "gru": {"kind": "GRU"}}


def batches(count):
    source = batchify(torch.from_numpy(np.random.RandomState(0).randint(0, TOKENS, 4 * (count * 6 + 1))), 4)
    for i in range(0, source.size(0) - 1, 6):
        yield get_batch(source, i, 6)


def forward(model, batch):
    return model(batch[0], model.init_hidden(4))


def loss(outputs, batch):
    return nn.NLLLoss()(outputs[0], batch[1])


def train(model, data):
    criterion = nn.NLLLoss()
    hidden = model.init_hidden(4)
    lr, losses, total_loss = 2.0, [], 0.0
    for inputs, targets in data:
        model.zero_grad()
        hidden = repackage_hidden(hidden)
        output, hidden = model(inputs, hidden)
        error = criterion(output, targets)
        error.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        for p in model.parameters():
            p.data.add_(p.grad, alpha=-lr)
        total_loss += error.item()
        losses.append(math.exp(total_loss / (len(losses) + 1)))
        lr *= 0.9
    return losses


def afterwards(model):
    model.eval()
    hidden = model.init_hidden(1)
    input = torch.zeros(1, 1, dtype=torch.long)
    words = []
    with torch.no_grad():
        for _ in range(10):
            output, hidden = model(input, hidden)
            word_weights = output.squeeze().div(0.7).exp()
            word_idx = torch.argmax(word_weights)
            input.fill_(word_idx)
            words.append(word_idx.item())
    assert model.decoder.weight is model.encoder.weight
    return torch.tensor(words), word_weights, sum(p.numel() for p in model.parameters())
