"""A convolutional network on small pictures of bars: the network as a class, training and testing loops."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset


def bars(n, seed):
    """Noisy 12x12 pictures with a horizontal (0), vertical (1) or diagonal (2) bar."""
    rng = np.random.default_rng(seed)
    images = rng.normal(0, 0.3, (n, 1, 12, 12)).astype(np.float32)
    labels = rng.integers(0, 3, n)
    for image, label, place in zip(images[:, 0], labels, rng.integers(2, 10, n), strict=True):
        if label == 2:
            image[np.arange(12), np.arange(12)] += 1
        else:
            image[(place, slice(None)) if label == 0 else (slice(None), place)] += 1
    return TensorDataset(torch.from_numpy(images), torch.from_numpy(labels))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, kernel_size=3, stride=1, padding=1, bias=False)
        self.fc1 = nn.Linear(8 * 3 * 3, 16)
        self.fc2 = nn.Linear(16, 3)

    def forward(self, x):
        out = F.max_pool2d(torch.tanh(self.conv1(x)), 2)
        out = F.max_pool2d(F.relu(self.conv2(out)), 2)
        out = out.view(-1, 8 * 3 * 3)
        out = F.relu(self.fc1(out))
        return F.log_softmax(self.fc2(out), dim=1)


def fill(model, seed):
    """Weights that do not depend on a library's random numbers."""
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            bound = 1 / np.sqrt(max(parameter.numel() / parameter.shape[0], 1))
            parameter.copy_(torch.from_numpy(rng.uniform(-bound, bound, tuple(parameter.shape))))


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
model = Net().to(device=device)
fill(model, 0)
train_loader = DataLoader(bars(192, 1), batch_size=32, shuffle=False)
test_loader = DataLoader(bars(64, 2), batch_size=64)
optimizer = optim.Adam(model.parameters(), lr=5e-3)


def train(epoch):
    model.train()
    total = 0.0
    for data, target in train_loader:
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        loss = F.nll_loss(model(data), target)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(train_loader)


def test():
    model.eval()
    test_loss, correct = 0.0, 0
    with torch.no_grad():
        for data, target in test_loader:
            output = model(data.to(device))
            test_loss += F.nll_loss(output, target, reduction="sum").item()
            pred = output.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
    return test_loss / len(test_loader.dataset), correct / len(test_loader.dataset)


losses = [train(epoch) for epoch in range(8)]
test_loss, accuracy = test()
image = test_loader.dataset[0][0]
features = model.conv1(image.unsqueeze(0))

result = {
    "first_loss": losses[0],
    "second_loss": losses[1],
    "falling": losses[-1] < losses[0] / 2,
    "accurate": accuracy > 0.9,
    "test_loss_is_small": test_loss < 0.6,
    "features": [list(features.shape), features.requires_grad],
    "parameters": [p.numel() for p in model.parameters()],
    "weight_shape": list(model.conv2.weight.shape),
    "printed": str(model),
}
