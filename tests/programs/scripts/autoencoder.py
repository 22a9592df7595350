"""A convolutional autoencoder: pictures squeezed to a code by strided convolutions, drawn again by transposed ones."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

rng = np.random.default_rng(12)
grid = np.mgrid[0:8, 0:8]
centers = rng.integers(1, 7, (24, 2, 1, 1))
images = np.exp(-((grid[None] - centers) ** 2).sum(1) / 4)[:, None]
x = torch.tensor(images, dtype=torch.float32)


class Autoencoder(nn.Module):
    def __init__(self, code=6):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 6, 3, stride=2, padding=1), nn.LeakyReLU(0.1),
            nn.Conv2d(6, 8, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(32, code),
        )  # fmt: skip
        self.expand = nn.Linear(code, 32)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(8, 6, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
            nn.ConvTranspose2d(6, 1, 2, stride=2), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x):
        code = self.encoder(x)
        h = F.relu(self.expand(code)).reshape(-1, 8, 2, 2)
        return self.decoder(h), code


model = Autoencoder()
state = model.state_dict()
for name, value in state.items():
    fan = value[0].numel() if value.dim() > 1 else 10
    state[name] = torch.from_numpy(rng.uniform(-1, 1, tuple(value.shape)) / np.sqrt(fan)).float()
model.load_state_dict(state)

optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-5)
losses = []
for _ in range(40):
    drawn, code = model(x)
    loss = F.mse_loss(drawn, x) + 1e-4 * code.abs().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

with torch.no_grad():
    drawn, code = model(x[:2])
    between = torch.lerp(code[0], code[1], 0.5)
    middle = model.decoder(F.relu(model.expand(between)).view(1, 8, 2, 2))
tiled = x[:1].repeat(1, 1, 2, 2)
grouped = nn.Conv2d(4, 4, 3, groups=4, dilation=2, padding="same")(torch.ones(1, 4, 8, 8))

result = {
    "first_losses": losses[:4],
    "falling": losses[-1] < losses[0] / 2,
    "shapes": [list(drawn.shape), list(code.shape), list(middle.shape), list(tiled.shape), list(grouped.shape)],
    "in_range": ((drawn >= 0) & (drawn <= 1)).all().item(),
    "pooled": F.adaptive_avg_pool2d(x[:2], (2, 2)).flatten().tolist(),
    "average": nn.AvgPool2d(4)(x[:1]).flatten().tolist(),
    "unfolded": list(x[:1].unfold(2, 4, 4).shape),
    "printed": str(model.decoder[0]),
}
