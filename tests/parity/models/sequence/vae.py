"""A variational autoencoder: reparameterisation, binary cross entropy and the Kullback-Leibler divergence."""

import numpy as np
import torch
import torch.utils.data
from torch import nn, optim
from torch.nn import functional as F

PIXELS = 12


class VAE(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.fc1 = nn.Linear(PIXELS, 10)
        self.drop = nn.Dropout(dropout)
        self.fc21 = nn.Linear(10, 3)
        self.fc22 = nn.Linear(10, 3)
        self.fc3 = nn.Linear(3, 10)
        self.fc4 = nn.Linear(10, PIXELS)

    def encode(self, x):
        h1 = self.drop(F.relu(self.fc1(x)))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar, eps=None):
        std = torch.exp(0.5 * logvar)
        if eps is None:
            eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x, eps=None):
        mu, logvar = self.encode(x.view(-1, PIXELS))
        z = self.reparameterize(mu, logvar, eps)
        return self.decode(z), mu, logvar


def make(dropout):
    return VAE(dropout)


KINDS = {"vae": {}}


def batches(count):
    rng = np.random.RandomState(0)
    for _ in range(count):
        yield torch.tensor(rng.rand(5, 1, 3, 4)), torch.tensor(rng.randn(5, 3))


def forward(model, batch):
    return model(*batch)


def loss(outputs, batch):
    recon_x, mu, logvar = outputs
    BCE = F.binary_cross_entropy(recon_x, batch[0].view(-1, PIXELS), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


def train(model, data):
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    train_loss = 0
    losses = []
    for batch in data:
        optimizer.zero_grad()
        error = loss(model(*batch), batch)
        error.backward()
        train_loss += error.item()
        optimizer.step()
        losses.append(train_loss / (len(losses) + 1))
    return losses


def afterwards(model):
    model.eval()
    noise = torch.linspace(-2, 2, 12).view(4, 3)
    with torch.no_grad():
        sample = model.decode(noise)
        drawn, mu, logvar = model(next(iter(batches(1)))[0])
    normal = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    standard = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    kl = torch.distributions.kl_divergence(normal, standard).sum(dim=1)
    return sample.view(4, 1, 3, 4), list(drawn.shape), kl
