"""Tables, time series and text as tensors: one-hot codes, normalisation, masks, reshaping to days and hours."""

import io

import numpy as np
import torch

rng = np.random.default_rng(7)
text = "\n".join(";".join(f"{value:.2f}" for value in row) for row in rng.normal(5, 2, (20, 4)))
table = np.loadtxt(io.StringIO(text), dtype=np.float32, delimiter=";")
quality = rng.integers(3, 7, 20)

wine = torch.from_numpy(table)
target = torch.from_numpy(quality).long()
onehot = torch.zeros(target.shape[0], 10)
onehot.scatter_(1, target.unsqueeze(1), 1.0)

mean, variance = torch.mean(wine, dim=0), torch.var(wine, dim=0)
normalized = (wine - mean) / torch.sqrt(variance)

bad = wine[target <= 3]
mid = wine[(target > 3) & (target < 6)]
good = wine[torch.ge(target, 6)]
threshold = 5.0
predicted = torch.gt(wine[:, 1], threshold)
actual = target > 4
matches = torch.sum(actual & predicted).item()

# Ten days of hourly counts: a table of 240 rows as (day, column, hour).
bikes = torch.from_numpy(rng.integers(0, 100, (240, 3)).astype(np.float32))
daily = bikes.view(-1, 24, bikes.shape[1]).transpose(1, 2)
weather = bikes[:24, 2].long() % 4
weather_onehot = torch.zeros(24, 4).scatter_(dim=1, index=weather.unsqueeze(1), value=1.0)
first_day = torch.cat((bikes[:24], weather_onehot), 1)
daily[:, 1, :] = (daily[:, 1, :] - daily[:, 1, :].mean()) / daily[:, 1, :].std()

line = "the engine trains the model"
letters = torch.zeros(len(line), 128)
for i, letter in enumerate(line.lower().strip()):
    letters[i][ord(letter)] = 1
words = sorted(set(line.split()))
word_index = {word: i for i, word in enumerate(words)}
counts = torch.bincount(torch.tensor([word_index[word] for word in line.split()]), minlength=len(words))

# An image: channels last as read from a file, channels first for a network.
pixels = torch.from_numpy(rng.integers(0, 256, (4, 6, 3), dtype=np.uint8))
image = pixels.permute(2, 0, 1).float() / 255.0
batch = torch.zeros(2, 3, 4, 6, dtype=torch.uint8)
batch[0] = pixels.permute(2, 0, 1)
values, indices = torch.sort(target, descending=True)

result = {
    "onehot": [onehot.sum(0).tolist(), torch.equal(onehot.argmax(1), target)],
    "normalized": [normalized.mean(0).abs().max().item() < 1e-5, normalized.std(0).tolist(), normalized[3].tolist()],
    "groups": [len(bad), len(mid), len(good), bad.mean(0).tolist(), mid.mean(0).tolist(), good.mean(0).tolist()],
    "matches": [matches, matches / actual.sum().item()],
    "daily": [list(daily.shape), list(daily.stride()), daily[3, 1, :5].tolist(), daily.is_contiguous()],
    "shared": bikes[:, 1].mean().abs().item() < 1e-4,
    "first_day": [list(first_day.shape), first_day[0].tolist()],
    "letters": [letters.sum().item(), letters.nonzero()[:3].tolist()],
    "counts": [words, counts.tolist()],
    "image": [list(image.shape), image.mean().item(), batch.sum().item(), str(batch.dtype).split(".")[-1]],
    "sorted": [values[:4].tolist(), indices.shape[0]],
    "topk": torch.topk(wine[:, 0], 3)[0].tolist(),
}
