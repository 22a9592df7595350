"""Datasets of one's own, samplers, collate functions, and how a DataLoader puts batches together."""

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset, random_split
from torch.utils.data.sampler import SubsetRandomSampler, WeightedRandomSampler


class Squares(Dataset):
    def __init__(self, n, transform=None):
        self.numbers = np.arange(n, dtype=np.float32)
        self.transform = transform

    def __len__(self):
        return len(self.numbers)

    def __getitem__(self, index):
        number = self.numbers[index]
        sample = {"number": number, "square": torch.tensor([number**2]), "name": str(index)}
        return self.transform(sample) if self.transform else sample


class Words(Dataset):
    sentences = ("a small step", "one", "each word has its length", "so sentences are padded")

    def __len__(self):
        return len(self.sentences)

    def __getitem__(self, index):
        return torch.tensor([len(word) for word in self.sentences[index].split()]), index % 2


def pad(samples):
    lengths = torch.tensor([len(words) for words, _ in samples])
    padded = torch.zeros(len(samples), int(lengths.max()), dtype=torch.long)
    for row, (words, _) in enumerate(samples):
        padded[row, : len(words)] = words
    return padded, lengths, torch.tensor([label for _, label in samples])


class Countdown(IterableDataset):
    def __iter__(self):
        return iter(range(5, 0, -1))


squares = Squares(10)
batches = list(DataLoader(squares, batch_size=4))
dropped = DataLoader(squares, batch_size=4, drop_last=True)
texts = next(iter(DataLoader(Words(), batch_size=4, collate_fn=pad)))
doubled = Squares(4, transform=lambda sample: sample["number"] * 2)

torch.manual_seed(0)
shuffled = torch.cat([batch["number"] for batch in DataLoader(squares, batch_size=3, shuffle=True)])
train, val = random_split(squares, [7, 3])
part = SubsetRandomSampler([2, 4, 6])
sampled = [int(batch["number"]) for batch in DataLoader(squares, sampler=part)]
heavy = list(WeightedRandomSampler([0.0, 0.0, 1.0], 4))

pairs = TensorDataset(torch.arange(6).float().view(3, 2), torch.tensor([0, 1, 0]))
inputs, targets = next(iter(DataLoader(pairs, batch_size=len(pairs))))
subset = Subset(pairs, [2, 0])
chained = squares + Squares(2)

result = {
    "sizes": [len(batch["name"]) for batch in batches],
    "types": [str(batches[0]["number"].dtype).split(".")[-1], list(batches[0]["square"].shape), batches[1]["name"]],
    "numbers": [batch["square"].flatten().tolist() for batch in batches],
    "lengths": [len(dropped), len(DataLoader(squares, batch_size=4)), len(list(dropped))],
    "padded": [part.tolist() for part in texts],
    "doubled": torch.cat(list(DataLoader(doubled, batch_size=2))).tolist(),
    "shuffled": sorted(shuffled.tolist()),
    "split": [len(train), len(val), sorted(train.indices + val.indices)],
    "sampled": sorted(sampled),
    "heavy": heavy,
    "pairs": [inputs.tolist(), targets.tolist(), subset[0][0].tolist(), len(chained)],
    "stream": [batch.tolist() for batch in DataLoader(Countdown(), batch_size=2)],
}
