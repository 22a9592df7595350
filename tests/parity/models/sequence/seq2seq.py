"""Translation by a GRU encoder of packed sequences and a decoder that attends to it, additively or by products."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

PAD, SOS, EOS = 0, 1, 2
SOURCE, TARGET = 11, 9


class Encoder(nn.Module):
    def __init__(self, vocabulary, size, hidden, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size, padding_idx=PAD)
        self.dropout = nn.Dropout(dropout)
        self.rnn = nn.GRU(size, hidden, num_layers=2, bidirectional=True, batch_first=True, dropout=dropout)
        self.bridge = nn.Linear(2 * hidden, hidden)

    def forward(self, tokens, lengths):
        embedded = self.dropout(self.embedding(tokens))
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        outputs, hidden = self.rnn(packed)
        outputs, _ = pad_packed_sequence(outputs, batch_first=True)
        last = torch.cat((hidden[-2], hidden[-1]), dim=1)
        return outputs, torch.tanh(self.bridge(last)).unsqueeze(0)


class BahdanauAttention(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.query = nn.Linear(hidden, hidden)
        self.keys = nn.Linear(2 * hidden, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query(query) + self.keys(keys))).squeeze(-1)
        weights = F.softmax(scores.masked_fill(mask == 0, -1e10), dim=-1)
        return torch.bmm(weights.unsqueeze(1), keys), weights


class LuongAttention(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.general = nn.Linear(2 * hidden, hidden, bias=False)

    def forward(self, query, keys, mask):
        scores = torch.bmm(query, self.general(keys).transpose(1, 2)).squeeze(1)
        scores.masked_fill_(~mask, float("-inf"))
        weights = F.softmax(scores, dim=1)
        return torch.einsum("bs,bsh->bh", weights, keys).unsqueeze(1), weights


class Decoder(nn.Module):
    def __init__(self, vocabulary, size, hidden, dropout, attention):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.dropout = nn.Dropout(p=dropout)
        self.attention = attention
        self.rnn = nn.GRU(size + 2 * hidden, hidden, batch_first=True)
        self.out = nn.Linear(3 * hidden, vocabulary)

    def forward(self, token, hidden, keys, mask):
        embedded = self.dropout(self.embedding(token))
        context, weights = self.attention(hidden.permute(1, 0, 2), keys, mask)
        output, hidden = self.rnn(torch.cat((embedded, context), dim=2), hidden)
        return self.out(torch.cat([output, context], -1)), hidden, weights


class Seq2Seq(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(self, source, lengths, target=None, steps=5, forced=1.0):
        keys, hidden = self.encoder(source, lengths)
        mask = torch.arange(keys.size(1))[None, :] < lengths[:, None]
        token = torch.full((source.size(0), 1), SOS, dtype=torch.long, device=source.device)
        outputs, attentions = [], []
        for t in range(steps if target is None else target.size(1)):
            scores, hidden, weights = self.decoder(token, hidden, keys, mask)
            outputs.append(scores)
            attentions.append(weights)
            if target is not None and t / target.size(1) < forced:
                token = target[:, t].unsqueeze(1)
            else:
                _, best = scores.topk(1)
                token = best.squeeze(-1).detach()
        return torch.cat(outputs, dim=1), torch.stack(attentions, 1)


def make(dropout, kind="bahdanau"):
    attention = {"bahdanau": BahdanauAttention, "luong": LuongAttention}[kind](8)
    return Seq2Seq(Encoder(SOURCE, 6, 8, dropout), Decoder(TARGET, 5, 8, dropout, attention))


KINDS = {"bahdanau": {}, "luong": {"kind": "luong"}}


def batches(count):
    rng = np.random.RandomState(0)
    for _ in range(count):
        lengths = rng.randint(2, 8, 4)
        sources = [torch.tensor([*rng.randint(3, SOURCE, n).tolist(), EOS]) for n in lengths]
        targets = [torch.tensor([*rng.randint(3, TARGET, n).tolist(), EOS]) for n in lengths[::-1]]
        source = pad_sequence(sources, batch_first=True, padding_value=PAD)
        target = pad_sequence(targets, batch_first=True, padding_value=PAD)
        yield source, torch.tensor(lengths + 1), target


def forward(model, batch):
    source, lengths, target = batch
    return model(source, lengths, target, forced=0.6)


def loss(outputs, batch):
    scores, _ = outputs
    criterion = nn.CrossEntropyLoss(ignore_index=PAD)
    return criterion(scores.view(-1, scores.size(-1)), batch[-1].view(-1))


def train(model, data):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    losses = []
    for batch in data:
        optimizer.zero_grad()
        error = loss(forward(model, batch), batch)
        error.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        losses += [error.item(), norm.item()]
    return losses


def afterwards(model):
    model.eval()
    with torch.no_grad():
        for source, lengths, _ in batches(1):
            scores, weights = model(source, lengths)
    return scores, weights, scores.argmax(dim=-1)
