"""What a training step of a sequence model costs: each row is written once, for whichever library it is given.

A row takes a library L, the module `sparkle` or `torch`, and returns the function that is timed. Its docstring is the
row's description.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Step = Callable[[], None]

TOKENS = 65  # as many as a text has characters


def gpt_network(L: Any, layers: int, size: int, heads: int, length: int) -> Any:
    """Blocks of causal attention and a perceptron, each after a normalisation and beside a shortcut."""
    nn, F = L.nn, L.nn.functional

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.before, self.between = nn.LayerNorm(size), nn.LayerNorm(size)
            self.qkv, self.out = nn.Linear(size, 3 * size), nn.Linear(size, size)
            self.mlp = nn.Sequential(nn.Linear(size, 4 * size), nn.GELU(), nn.Linear(4 * size, size))

        def attention(self, x: Any) -> Any:
            n, t, _ = x.shape
            q, k, v = (part.view(n, t, heads, -1).transpose(1, 2) for part in self.qkv(x).split(size, dim=2))
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.out(y.transpose(1, 2).reshape(n, t, size))

        def forward(self, x: Any) -> Any:
            x = x + self.attention(self.before(x))
            return x + self.mlp(self.between(x))

    class Gpt(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = nn.Embedding(TOKENS, size), nn.Embedding(length, size)
            self.blocks = nn.Sequential(*(Block() for _ in range(layers)))
            self.norm, self.head = nn.LayerNorm(size), nn.Linear(size, TOKENS, bias=False)
            self.head.weight = self.tokens.weight

        def forward(self, tokens: Any) -> Any:
            x = self.tokens(tokens) + self.places(L.arange(tokens.shape[1]))
            return self.head(self.norm(self.blocks(x)))

    return Gpt()


def gpt(L: Any) -> Step:
    """GPT, 4 layers of 128, 64 tokens, batch 16, AdamW: step"""
    model = gpt_network(L, layers=4, size=128, heads=4, length=64)
    optimizer = L.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
    tokens = L.randint(0, TOKENS, (16, 65))

    def step() -> None:
        optimizer.zero_grad()
        scores = model(tokens[:, :-1])
        L.nn.functional.cross_entropy(scores.reshape(-1, TOKENS), tokens[:, 1:].reshape(-1)).backward()
        L.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def lstm(L: Any) -> Step:
    """LSTM, 2 layers of 128, 50 tokens, batch 32, SGD: step"""
    nn = L.nn
    embedding, rnn, head = nn.Embedding(TOKENS, 128), nn.LSTM(128, 128, num_layers=2), nn.Linear(128, TOKENS)
    model = nn.ModuleList([embedding, rnn, head])
    optimizer = L.optim.SGD(model.parameters(), lr=0.1)
    tokens = L.randint(0, TOKENS, (51, 32))
    state: Any = tuple(L.zeros(2, 32, 128) for _ in range(2))

    def step() -> None:
        nonlocal state
        optimizer.zero_grad()
        output, state = rnn(embedding(tokens[:-1]), tuple(part.detach() for part in state))
        nn.functional.cross_entropy(head(output).view(-1, TOKENS), tokens[1:].view(-1)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def gru(L: Any) -> Step:
    """GRU, 2 layers of 128, 50 tokens, batch 32, Adam: step"""
    nn = L.nn
    embedding, rnn, head = nn.Embedding(TOKENS, 128), nn.GRU(128, 128, num_layers=2), nn.Linear(128, TOKENS)
    optimizer = L.optim.Adam(nn.ModuleList([embedding, rnn, head]).parameters())
    tokens = L.randint(0, TOKENS, (51, 32))

    def step() -> None:
        optimizer.zero_grad()
        output, _ = rnn(embedding(tokens[:-1]))
        nn.functional.cross_entropy(head(output).view(-1, TOKENS), tokens[1:].view(-1)).backward()
        optimizer.step()

    return step


def bag(L: Any) -> Step:
    """Text classifier, mean of 64 embeddings of 64 from 20,000 words, batch 64, SGD: step"""
    nn = L.nn
    words, head = nn.EmbeddingBag(20_000, 64, mode="mean"), nn.Linear(64, 4)
    optimizer = L.optim.SGD(nn.ModuleList([words, head]).parameters(), lr=0.1)
    texts, labels, starts = L.randint(0, 20_000, (64 * 64,)), L.randint(0, 4, (64,)), L.arange(0, 64 * 64, 64)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(head(words(texts, starts)), labels).backward()
        optimizer.step()

    return step


def vae(L: Any) -> Step:
    """VAE 784-400-20, batch 128, Adam: step"""
    nn, F = L.nn, L.nn.functional
    encoder, both = nn.Sequential(nn.Linear(784, 400), nn.ReLU()), nn.Linear(400, 40)
    decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid())
    optimizer = L.optim.Adam(nn.ModuleList([encoder, both, decoder]).parameters(), lr=1e-3)
    images = L.rand(128, 784)

    def step() -> None:
        optimizer.zero_grad()
        mean, log_var = both(encoder(images)).chunk(2, dim=1)
        drawn = decoder(mean + L.randn_like(mean) * (0.5 * log_var).exp())
        loss = F.binary_cross_entropy(drawn, images, reduction="sum")
        (loss - 0.5 * (1 + log_var - mean.pow(2) - log_var.exp()).sum()).backward()
        optimizer.step()

    return step


ROWS: dict[str, Callable[[Any], Step]] = {row.__name__: row for row in (gpt, lstm, gru, bag, vae)}
