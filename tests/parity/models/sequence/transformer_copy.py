"""The whole nn.Transformer, which learns to copy sequences: sine positions, causal and padding masks."""

import math

import numpy as np
import torch
from torch import Tensor, nn

PAD, BOS, VOCABULARY = 0, 1, 12


class PositionalEncoding(nn.Module):
    def __init__(self, emb_size: int, dropout: float, maxlen: int = 50):
        super().__init__()
        den = torch.exp(-torch.arange(0, emb_size, 2) * math.log(10000) / emb_size)
        pos = torch.arange(0, maxlen).reshape(maxlen, 1)
        pos_embedding = torch.zeros((maxlen, emb_size))
        pos_embedding[:, 0::2] = torch.sin(pos * den)
        pos_embedding[:, 1::2] = torch.cos(pos * den)
        pos_embedding = pos_embedding.unsqueeze(-2)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("pos_embedding", pos_embedding)

    def forward(self, token_embedding: Tensor):
        return self.dropout(token_embedding + self.pos_embedding[: token_embedding.size(0), :])


class TokenEmbedding(nn.Module):
    def __init__(self, vocab_size: int, emb_size: int):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb_size)
        self.emb_size = emb_size

    def forward(self, tokens: Tensor):
        return self.embedding(tokens.long()) * math.sqrt(self.emb_size)


class Copier(nn.Module):
    def __init__(self, emb_size: int, nhead: int, dropout: float, activation: str):
        super().__init__()
        self.transformer = nn.Transformer(
            d_model=emb_size, nhead=nhead, num_encoder_layers=2, num_decoder_layers=2, dim_feedforward=24,
            dropout=dropout, activation=activation,
        )  # fmt: skip
        self.generator = nn.Linear(emb_size, VOCABULARY)
        self.src_tok_emb = TokenEmbedding(VOCABULARY, emb_size)
        self.tgt_tok_emb = TokenEmbedding(VOCABULARY, emb_size)
        self.positional_encoding = PositionalEncoding(emb_size, dropout=dropout)
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.xavier_uniform_(p)

    def forward(self, src, trg, src_mask, tgt_mask, src_padding_mask, tgt_padding_mask, memory_key_padding_mask):
        src_emb = self.positional_encoding(self.src_tok_emb(src))
        tgt_emb = self.positional_encoding(self.tgt_tok_emb(trg))
        outs = self.transformer(
            src_emb, tgt_emb, src_mask, tgt_mask, None, src_padding_mask, tgt_padding_mask, memory_key_padding_mask
        )
        return self.generator(outs)

    def encode(self, src: Tensor, src_mask: Tensor):
        return self.transformer.encoder(self.positional_encoding(self.src_tok_emb(src)), src_mask)

    def decode(self, tgt: Tensor, memory: Tensor, tgt_mask: Tensor):
        return self.transformer.decoder(self.positional_encoding(self.tgt_tok_emb(tgt)), memory, tgt_mask)


def generate_square_subsequent_mask(sz):
    mask = (torch.triu(torch.ones((sz, sz))) == 1).transpose(0, 1)
    return mask.float().masked_fill(mask == 0, float("-inf")).masked_fill(mask == 1, 0.0)


def create_mask(src, tgt):
    tgt_mask = generate_square_subsequent_mask(tgt.shape[0]).to(torch.get_default_dtype())
    src_mask = torch.zeros((src.shape[0], src.shape[0])).type(torch.bool)
    return src_mask, tgt_mask, (src == PAD).transpose(0, 1), (tgt == PAD).transpose(0, 1)


def greedy_decode(model, src, src_mask, max_len, start_symbol):
    memory = model.encode(src, src_mask)
    ys = torch.ones(1, 1).fill_(start_symbol).type(torch.long)
    for _ in range(max_len - 1):
        tgt_mask = generate_square_subsequent_mask(ys.size(0)).type(torch.bool)
        out = model.decode(ys, memory, torch.nn.Transformer.generate_square_subsequent_mask(ys.size(0)))
        assert tgt_mask.shape == (len(ys), len(ys))
        prob = model.generator(out.transpose(0, 1)[:, -1])
        _, next_word = torch.max(prob, dim=1)
        next_word = next_word.item()
        ys = torch.cat([ys, torch.ones(1, 1).type_as(src.data).fill_(next_word)], dim=0)
    return ys, prob


def make(dropout, activation="relu"):
    return Copier(16, 4, dropout, activation)


KINDS = {"relu": {}, "gelu": {"activation": "gelu"}}


def batches(count):
    rng = np.random.RandomState(0)
    for _ in range(count):
        tokens = rng.randint(2, VOCABULARY, (7, 3))
        tokens[5:, 1] = PAD
        source = torch.from_numpy(tokens)
        yield source, torch.cat([torch.full((1, 3), BOS), source])


def forward(model, batch):
    src, tgt = batch
    tgt_input = tgt[:-1, :]
    src_mask, tgt_mask, src_padding_mask, tgt_padding_mask = create_mask(src, tgt_input)
    return model(src, tgt_input, src_mask, tgt_mask, src_padding_mask, tgt_padding_mask, src_padding_mask)


def loss(logits, batch):
    tgt_out = batch[1][1:, :]
    loss_fn = torch.nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=0.1)
    return loss_fn(logits.reshape(-1, logits.shape[-1]), tgt_out.reshape(-1))


def train(model, data):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003, betas=(0.9, 0.98), eps=1e-9)
    losses = 0
    history = []
    for batch in data:
        logits = forward(model, batch)
        optimizer.zero_grad()
        error = loss(logits, batch)
        error.backward()
        optimizer.step()
        losses += error.item()
        history.append(losses)
    return history


def afterwards(model):
    model.eval()
    src = torch.tensor([[3], [7], [4], [9]])
    with torch.no_grad():
        return greedy_decode(model, src, torch.zeros(4, 4).type(torch.bool), 6, BOS)
