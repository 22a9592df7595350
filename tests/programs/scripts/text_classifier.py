"""Sentences as bags of words: a vocabulary, padding, the mean of embeddings, a linear layer."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

REVIEWS = [
    ("a warm and funny film", 1), ("dull slow and far too long", 0), ("the best film of the year", 1),
    ("i left after an hour", 0), ("funny clever and warm", 1), ("too long and not funny", 0),
    ("a clever story", 1), ("a slow story with a dull end", 0),
]  # fmt: skip
vocabulary = {"<pad>": 0, "<unk>": 1}
for sentence, _ in REVIEWS:
    for word in sentence.split():
        vocabulary.setdefault(word, len(vocabulary))


def encode(sentence):
    return torch.tensor([vocabulary.get(word, 1) for word in sentence.split()], dtype=torch.long)


def collate(batch):
    texts = [encode(sentence) for sentence, _ in batch]
    longest = max(len(text) for text in texts)
    padded = torch.stack([F.pad(text, (0, longest - len(text)), value=0) for text in texts])
    return padded, torch.tensor([label for _, label in batch], dtype=torch.float)


class BagOfEmbeddings(nn.Module):
    def __init__(self, words, size):
        super().__init__()
        self.embedding = nn.Embedding(words, size, padding_idx=0)
        self.fc = nn.Linear(size, 1)

    def forward(self, text):
        mask = (text != 0).unsqueeze(-1).float()
        mean = (self.embedding(text) * mask).sum(dim=1) / mask.sum(dim=1)
        return self.fc(F.relu(mean)).squeeze(-1)


model = BagOfEmbeddings(len(vocabulary), 6)
padding_row = model.embedding.weight[0].detach().clone()
rng = np.random.default_rng(10)
with torch.no_grad():
    model.embedding.weight[1:] = torch.from_numpy(rng.normal(0, 0.5, (len(vocabulary) - 1, 6))).float()
    model.fc.weight.copy_(torch.linspace(-1, 1, 6).unsqueeze(0))
    model.fc.bias.zero_()

loader = DataLoader(REVIEWS, batch_size=4, collate_fn=collate)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
criterion = nn.BCEWithLogitsLoss()
losses = []
for _ in range(15):
    for text, label in loader:
        optimizer.zero_grad()
        loss = criterion(model(text), label)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

text, label = collate(REVIEWS)
with torch.no_grad():
    scores = torch.sigmoid(model(text))
similar = F.cosine_similarity(model.embedding.weight[2], model.embedding.weight[5], dim=0)
unknown = encode("an unseen word")

result = {
    "vocabulary": len(vocabulary),
    "padded": [list(text.shape), text[2].tolist()],
    "losses": losses[:6],
    "learned": losses[-1] < 0.1,
    "correct": ((scores > 0.5).float() == label).all().item(),
    "padding": [padding_row.tolist(), model.embedding.weight[0].tolist(), model.embedding.weight.grad[0].tolist()],
    "unknown": unknown.tolist(),
    "similar": -1 <= similar.item() <= 1,
    "printed": str(model.embedding),
}
