"""State dicts and checkpoints: saved, loaded, refused when they do not fit, training resumed exactly."""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

rng = np.random.default_rng(4)
x = torch.from_numpy(rng.normal(size=(16, 3)).astype(np.float32))
y = x.sum(1, keepdim=True) ** 2


def make_model():
    return nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 1))


def train(model, optimizer, steps):
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


torch.manual_seed(0)
model = make_model()
optimizer = optim.Adam(model.parameters(), lr=1e-2)
train(model, optimizer, 5)

PATH = "model.pt"
torch.save(model.state_dict(), PATH)
copy = make_model()
copy.load_state_dict(torch.load(PATH))
copy.eval(), model.eval()
equal = torch.equal(copy(x), model(x))
copy.train(), model.train()

checkpoint = {
    "epoch": 5,
    "loss": 0.25,
    "model_state_dict": model.state_dict(),
    "optimizer_state_dict": optimizer.state_dict(),
    "history": [1.0, 0.5, None, True],
    "classes": ("cat", "dog"),
}
torch.save(checkpoint, "checkpoint.tar")
expected = train(model, optimizer, 5)

resumed = make_model()
resumed_optimizer = optim.Adam(resumed.parameters(), lr=1.0)
loaded = torch.load("checkpoint.tar", map_location="cpu")
resumed.load_state_dict(loaded["model_state_dict"])
resumed_optimizer.load_state_dict(loaded["optimizer_state_dict"])
again = train(resumed, resumed_optimizer, 5)

messages = []
other = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 2))
try:
    other.load_state_dict(torch.load(PATH))
except RuntimeError as error:
    messages.append("size mismatch for 3.weight" in str(error))
partial = {name: value for name, value in model.state_dict().items() if not name.startswith("3")}
try:
    copy.load_state_dict(partial)
except RuntimeError as error:
    messages.append("Missing key(s)" in str(error) and "3.bias" in str(error))
keys = other.load_state_dict(partial, strict=False)

tensors = [torch.arange(6).view(2, 3), torch.tensor(2.5, dtype=torch.double), torch.zeros(0, 2), x > 0]
torch.save(tensors, "tensors.pt")
with open("tensors.pt", "rb") as file:
    read = torch.load(file)
torch.save(x[::2, 1], "view.pt")

result = {
    "equal": equal,
    "keys": list(model.state_dict()),
    "resumed": expected == again,
    "falling": expected[-1] < expected[0],
    "rest": [loaded["epoch"], loaded["loss"], loaded["history"], loaded["classes"] == ("cat", "dog")],
    "messages": messages,
    "not_strict": [keys.missing_keys, keys.unexpected_keys],
    "tensors": [torch.equal(a, b) and a.dtype == b.dtype for a, b in zip(tensors, read, strict=True)],
    "shapes": [list(t.shape) for t in read],
    "view": torch.equal(torch.load("view.pt"), x[::2, 1]),
    "files": sorted(os.listdir(".")),
    "rate": resumed_optimizer.param_groups[0]["lr"],
}
