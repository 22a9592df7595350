"""A small GAN under the Engine, with running averages and TensorBoard, as for frames of games."""

import logging
import os

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from ignite.contrib.handlers import tensorboard_logger as tb_logger
from ignite.engine import Engine, Events
from ignite.metrics import RunningAverage

log = logging.getLogger("gan")
BATCH_SIZE, LATENT, FILTERS, IMAGE_SIZE = 4, 6, 4, 16
rng = np.random.default_rng(0)


class Discriminator(nn.Module):
    def __init__(self, input_shape):
        super(Discriminator, self).__init__()  # noqa: UP008
        self.conv_pipe = nn.Sequential(
            nn.Conv2d(in_channels=input_shape[0], out_channels=FILTERS, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(FILTERS, FILTERS * 2, kernel_size=4, stride=2, padding=1),
            nn.BatchNorm2d(FILTERS * 2),
            nn.ReLU(),
            nn.Conv2d(FILTERS * 2, 1, kernel_size=4, stride=1, padding=0),
            nn.Sigmoid(),
        )

    def forward(self, x):
        conv_out = self.conv_pipe(x)
        return conv_out.view(-1, 1).squeeze(dim=1)


class Generator(nn.Module):
    def __init__(self, output_shape):
        super(Generator, self).__init__()  # noqa: UP008
        self.pipe = nn.Sequential(
            nn.ConvTranspose2d(in_channels=LATENT, out_channels=FILTERS * 2, kernel_size=4, stride=1, padding=0),
            nn.BatchNorm2d(FILTERS * 2),
            nn.ReLU(),
            nn.ConvTranspose2d(FILTERS * 2, FILTERS, kernel_size=4, stride=2, padding=1),
            nn.BatchNorm2d(FILTERS),
            nn.ReLU(),
            nn.ConvTranspose2d(FILTERS, output_shape[0], kernel_size=4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, x):
        return self.pipe(x)


def fill(net):
    for parameter in net.parameters():
        parameter.data.copy_(torch.from_numpy(rng.normal(0, 0.2, tuple(parameter.shape))))
    return net


def iterate_batches():
    while True:
        frames = rng.random((BATCH_SIZE, 3, IMAGE_SIZE, IMAGE_SIZE), dtype=np.float32)
        yield torch.tensor(frames * 2.0 - 1.0, dtype=torch.float32)


device = torch.device("cpu")
net_discr = fill(Discriminator(input_shape=(3, IMAGE_SIZE, IMAGE_SIZE))).to(device)
net_gener = fill(Generator(output_shape=(3, IMAGE_SIZE, IMAGE_SIZE))).to(device)
objective = nn.BCELoss()
gen_optimizer = optim.Adam(params=net_gener.parameters(), lr=1e-3, betas=(0.5, 0.999))
dis_optimizer = optim.Adam(params=net_discr.parameters(), lr=1e-3, betas=(0.5, 0.999))
true_labels_v = torch.ones(BATCH_SIZE, device=device)
fake_labels_v = torch.zeros(BATCH_SIZE, device=device)
losses = []


def process_batch(trainer, batch):
    noise = rng.normal(0, 1, (BATCH_SIZE, LATENT, 1, 1)).astype(np.float32)
    gen_input_v = torch.from_numpy(noise).to(device)
    batch_v = batch.to(device)
    gen_output_v = net_gener(gen_input_v)

    dis_optimizer.zero_grad()
    dis_output_true_v = net_discr(batch_v)
    dis_output_fake_v = net_discr(gen_output_v.detach())
    dis_loss = objective(dis_output_true_v, true_labels_v) + objective(dis_output_fake_v, fake_labels_v)
    dis_loss.backward()
    dis_optimizer.step()

    gen_optimizer.zero_grad()
    gen_loss = objective(net_discr(gen_output_v), true_labels_v)
    gen_loss.backward()
    gen_optimizer.step()

    if trainer.state.iteration % 5 == 0:
        trainer.tb.writer.add_image("fake", (gen_output_v.data[0].numpy() + 1) / 2, trainer.state.iteration)
    return dis_loss.item(), gen_loss.item()


engine = Engine(process_batch)
tb = tb_logger.TensorboardLogger(log_dir="runs")
engine.tb = tb
RunningAverage(output_transform=lambda out: out[1]).attach(engine, "avg_loss_gen")
RunningAverage(output_transform=lambda out: out[0]).attach(engine, "avg_loss_dis")
handler = tb_logger.OutputHandler(tag="train", metric_names=["avg_loss_gen", "avg_loss_dis"])
tb.attach(engine, log_handler=handler, event_name=Events.ITERATION_COMPLETED)
reported = []


@engine.on(Events.ITERATION_COMPLETED)
def log_losses(trainer):
    losses.append(trainer.state.output)
    if trainer.state.iteration % 3 == 0:
        metrics = trainer.state.metrics
        reported.append(trainer.state.iteration)
        log.info("%d: gen=%f, dis=%f", trainer.state.iteration, metrics["avg_loss_gen"], metrics["avg_loss_dis"])


state = engine.run(data=iterate_batches(), max_epochs=1, epoch_length=12)
tb.close()

result = {
    "losses": [list(pair) for pair in losses[:6]],
    "finite": bool(np.isfinite(losses).all()),
    "averages": {name: 0 < value < 10 for name, value in sorted(state.metrics.items())},
    "counters": [state.iteration, state.epoch, state.epoch_length, state.max_epochs],
    "reported": reported,
    "log": len(os.listdir("runs")),
    "batch_norm": net_gener.pipe[1].num_batches_tracked.item(),
    "shapes": [list(net_gener(torch.zeros(2, LATENT, 1, 1)).shape), list(net_discr(torch.zeros(2, 3, 16, 16)).shape)],
}
