"""A recurrent network by hand: one cell unrolled over the letters of a word, truncated by detach."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

text = "hello engine, hello tensor"
letters = sorted(set(text))
index = {letter: i for i, letter in enumerate(letters)}
inputs = F.one_hot(torch.tensor([index[c] for c in text[:-1]]), num_classes=len(letters)).float()
targets = torch.tensor([index[c] for c in text[1:]])


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = torch.tanh(self.i2h(combined))
        return self.softmax(self.h2o(hidden)), hidden

    def initHidden(self):
        return torch.zeros(1, self.hidden_size)


rnn = RNN(len(letters), 16, len(letters))
rng = np.random.default_rng(13)
for parameter in rnn.parameters():
    parameter.data.copy_(torch.from_numpy(rng.normal(0, 0.25, tuple(parameter.shape))))
criterion = nn.NLLLoss()
learning_rate = 0.1


def train(truncate):
    hidden = rnn.initHidden()
    total = 0.0
    for start in range(0, len(inputs), truncate):
        rnn.zero_grad()
        hidden = hidden.detach()
        loss = 0
        for i in range(start, min(start + truncate, len(inputs))):
            output, hidden = rnn(inputs[i].unsqueeze(0), hidden)
            loss = loss + criterion(output, targets[i].unsqueeze(0))
        loss.backward()
        total += loss.item()
        for p in rnn.parameters():
            p.data.add_(p.grad.data, alpha=-learning_rate)
    return total / len(inputs)


losses = [train(truncate=5) for _ in range(60)]

with torch.no_grad():
    hidden, letter, spoken = rnn.initHidden(), index["h"], "h"
    for _ in range(12):
        output, hidden = rnn(F.one_hot(torch.tensor([letter]), len(letters)).float(), hidden)
        topv, topi = output.topk(1)
        letter = topi[0][0].item()
        spoken += letters[letter]

result = {
    "onehot": [list(inputs.shape), inputs.sum().item()],
    "first_losses": losses[:4],
    "learned": losses[-1] < losses[0] / 2,
    "spoken": [len(spoken), spoken[0]],
    "hidden": [list(hidden.shape), hidden.requires_grad],
    "probabilities": torch.exp(output).sum().item(),
}
