"""A BERT encoder: segments, key padding masks, masked language modelling and next sentences."""

import numpy as np
import torch
import torch.nn as nn

VOCABULARY, HIDDEN, LENGTH = 19, 16, 9
PAD, CLS, SEP, MASK = 0, 1, 2, 3


class BertEmbeddings(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCABULARY, HIDDEN, padding_idx=PAD)
        self.position_embeddings = nn.Embedding(LENGTH, HIDDEN)
        self.token_type_embeddings = nn.Embedding(2, HIDDEN)
        self.LayerNorm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("position_ids", torch.arange(LENGTH).expand((1, -1)))

    def forward(self, input_ids, token_type_ids):
        positions = self.position_embeddings(self.position_ids[:, : input_ids.size(1)])
        embeddings = self.word_embeddings(input_ids) + positions + self.token_type_embeddings(token_type_ids)
        return self.dropout(self.LayerNorm(embeddings))


class Bert(nn.Module):
    def __init__(self, dropout, norm_first):
        super().__init__()
        self.embeddings = BertEmbeddings(dropout)
        layer = nn.TransformerEncoderLayer(
            HIDDEN, nhead=4, dim_feedforward=32, dropout=dropout, activation="gelu", layer_norm_eps=1e-12,
            batch_first=True, norm_first=norm_first,
        )  # fmt: skip
        norm = nn.LayerNorm(HIDDEN) if norm_first else None
        self.encoder = nn.TransformerEncoder(layer, num_layers=2, norm=norm, enable_nested_tensor=False)
        self.pooler = nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.Tanh())
        self.transform = nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.GELU(), nn.LayerNorm(HIDDEN, eps=1e-12))
        self.decoder = nn.Linear(HIDDEN, VOCABULARY, bias=False)
        self.decoder.weight = self.embeddings.word_embeddings.weight
        self.bias = nn.Parameter(torch.zeros(VOCABULARY))
        self.seq_relationship = nn.Linear(HIDDEN, 2)
        self.apply(self._init_weights)

    @staticmethod
    def _init_weights(module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            module.weight.data.normal_(mean=0.0, std=0.02)
            if isinstance(module, nn.Embedding) and module.padding_idx is not None:
                module.weight.data[module.padding_idx].zero_()
        elif isinstance(module, nn.LayerNorm):
            module.bias.data.zero_()
            module.weight.data.fill_(1.0)

    def forward(self, input_ids, token_type_ids, attention_mask):
        x = self.embeddings(input_ids, token_type_ids)
        hidden = self.encoder(x, src_key_padding_mask=attention_mask.logical_not())
        return self.decoder(self.transform(hidden)) + self.bias, self.seq_relationship(self.pooler(hidden[:, 0]))


def make(dropout, norm_first=False):
    return Bert(dropout, norm_first)


KINDS = {"norm_last": {}, "norm_first": {"norm_first": True}}


def batches(count):
    rng = np.random.RandomState(0)
    for _ in range(count):
        ids = torch.from_numpy(rng.randint(4, VOCABULARY, (4, LENGTH)))
        lengths = torch.tensor(rng.randint(5, LENGTH + 1, (4,)))
        ids[:, 0], ids[:, 3] = CLS, SEP
        mask = torch.arange(LENGTH).unsqueeze(0) < lengths.unsqueeze(1)
        ids = ids.masked_fill(~mask, PAD)
        types = (torch.cumsum(ids == SEP, dim=1) > 0).long()
        chosen = torch.from_numpy(rng.rand(4, LENGTH) < 0.3) & mask
        chosen[:, 1] = True
        labels = torch.where(chosen, ids, -100)
        yield torch.where(chosen, MASK, ids), types, mask.long(), labels, torch.tensor(rng.randint(0, 2, 4))


def forward(model, batch):
    return model(*batch[:3])


def loss(outputs, batch):
    scores, order = outputs
    criterion = nn.CrossEntropyLoss(ignore_index=-100)
    return criterion(scores.view(-1, VOCABULARY), batch[3].view(-1)) + criterion(order.view(-1, 2), batch[4].view(-1))


def train(model, data):
    no_decay = ["bias", "LayerNorm.weight"]
    groups = [
        {"params": [p for n, p in model.named_parameters() if not any(nd in n for nd in no_decay)]},
        {"params": [p for n, p in model.named_parameters() if any(nd in n for nd in no_decay)], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, eps=1e-6, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / 3, 1.0, (9 - step) / 6))
    losses = []
    for batch in data:
        error = loss(forward(model, batch), batch)
        optimizer.zero_grad()
        error.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        losses += [error.item(), scheduler.get_last_lr()[0]]
    return losses


def afterwards(model):
    model.eval()
    with torch.no_grad():
        for batch in batches(1):
            scores, order = forward(model, batch)
    seen = batch[2].bool()
    return scores[seen], order, scores[seen].argmax(-1)
