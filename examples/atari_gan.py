"""A GAN that learns to draw Atari screens, trained under the engine.

    pip install 'sparkle-engine[atari]'
    python examples/atari_gan.py --iterations 300

The frames are real: ale-py, which brings the ROMs, plays Breakout, AirRaid and Pong at random; each frame is resized to
64x64. A discriminator of five strided convolutions tells them from the pictures of a generator of five transposed ones.
Losses go to TensorBoard each iteration, a grid of fake and one of real images every so many.
"""

import argparse
import random

import numpy as np

import sparkle
from sparkle import nn, optim
from sparkle.engine import Engine, Events
from sparkle.handlers import tensorboard_logger as tb_logger
from sparkle.metrics import RunningAverage
from sparkle.utils import make_grid, setup_logger

GAMES = ("ALE/Breakout-v5", "ALE/AirRaid-v5", "ALE/Pong-v5")
SIZE = 64
LATENT = 100
FILTERS, BATCH = 64, 16
LEARNING_RATE = 1e-4


def make_games(seed: int) -> list:
    """The environments, each reset."""
    try:
        import ale_py
        import gymnasium
    except ImportError as error:
        raise SystemExit(f"this example needs {error.name}: pip install 'sparkle-engine[atari]'") from None
    gymnasium.register_envs(ale_py)
    games = [gymnasium.make(name) for name in GAMES]
    for i, game in enumerate(games):
        game.reset(seed=seed + i)
        game.action_space.seed(seed + i)
    return games


def scaled(frame: np.ndarray) -> np.ndarray:
    """A frame (210, 160, 3) of bytes as (3, 64, 64) floats in -1..1."""
    from PIL import Image

    small = np.asarray(Image.fromarray(frame).resize((SIZE, SIZE), Image.Resampling.BILINEAR))
    return small.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1


def batches(games: list, size: int = BATCH):
    """Batches of frames from random play, without end."""
    frames = []
    while True:
        game = random.choice(games)
        frame, _, terminated, truncated, _ = game.step(game.action_space.sample())
        if terminated or truncated:
            game.reset()
        if frame.mean() > 1:  # Breakout shows black frames between lives
            frames.append(scaled(frame))
        if len(frames) == size:
            yield sparkle.from_numpy(np.stack(frames))
            frames.clear()


def discriminator() -> nn.Module:
    """(N, 3, 64, 64) to (N,): the probability that an image is real."""
    layers = [nn.Conv2d(3, FILTERS, 4, stride=2, padding=1), nn.ReLU()]
    for factor in (1, 2, 4):
        layers.append(nn.Conv2d(FILTERS * factor, FILTERS * factor * 2, 4, stride=2, padding=1))
        layers += [nn.BatchNorm2d(FILTERS * factor * 2), nn.ReLU()]
    return nn.Sequential(*layers, nn.Conv2d(FILTERS * 8, 1, 4, stride=1), nn.Sigmoid(), nn.Flatten(0))


def generator() -> nn.Module:
    """(N, 100, 1, 1) of noise to (N, 3, 64, 64) in -1..1."""
    layers = [nn.ConvTranspose2d(LATENT, FILTERS * 8, 4, stride=1), nn.BatchNorm2d(FILTERS * 8), nn.ReLU()]
    for factor in (8, 4, 2):
        layers.append(nn.ConvTranspose2d(FILTERS * factor, FILTERS * factor // 2, 4, stride=2, padding=1))
        layers += [nn.BatchNorm2d(FILTERS * factor // 2), nn.ReLU()]
    return nn.Sequential(*layers, nn.ConvTranspose2d(FILTERS, 3, 4, stride=2, padding=1), nn.Tanh())


def main(arguments: list[str] | None = None) -> Engine:
    """Train for so many iterations; returns the trainer."""
    options = parse(arguments)
    log = setup_logger("atari_gan")
    random.seed(options.seed)
    sparkle.manual_seed(options.seed)
    device = sparkle.device(options.device)
    draw, judge = generator().to(device), discriminator().to(device)
    criterion = nn.BCELoss()
    draw_optimizer = optim.Adam(draw.parameters(), lr=LEARNING_RATE, betas=(0.5, 0.999))
    judge_optimizer = optim.Adam(judge.parameters(), lr=LEARNING_RATE, betas=(0.5, 0.999))
    real_labels, fake_labels = sparkle.ones(BATCH, device=device), sparkle.zeros(BATCH, device=device)

    def process_batch(trainer, batch):
        real = batch.to(device)
        fake = draw(sparkle.randn(BATCH, LATENT, 1, 1, device=device))

        judge_optimizer.zero_grad()
        judge_loss = criterion(judge(real), real_labels) + criterion(judge(fake.detach()), fake_labels)
        judge_loss.backward()
        judge_optimizer.step()

        draw_optimizer.zero_grad()
        draw_loss = criterion(judge(fake), real_labels)
        draw_loss.backward()
        draw_optimizer.step()

        if trainer.state.iteration % options.save_image_every == 0:
            for name, images in (("fake", fake), ("real", real)):
                grid = make_grid(images.detach().cpu() / 2 + 0.5, nrow=4)
                board.writer.add_image(name, grid, trainer.state.iteration)
        return judge_loss.item(), draw_loss.item()

    trainer = Engine(process_batch)
    RunningAverage(output_transform=lambda losses: losses[0]).attach(trainer, "avg_loss_dis")
    RunningAverage(output_transform=lambda losses: losses[1]).attach(trainer, "avg_loss_gen")
    board = tb_logger.TensorboardLogger(log_dir=options.logdir)
    output = tb_logger.OutputHandler(tag="train", metric_names=["avg_loss_dis", "avg_loss_gen"])
    board.attach(trainer, log_handler=output, event_name=Events.ITERATION_COMPLETED)

    @trainer.on(Events.ITERATION_COMPLETED(every=100))
    def report(trainer):
        losses = trainer.state.metrics["avg_loss_dis"], trainer.state.metrics["avg_loss_gen"]
        log.info("iteration %d: loss_dis %.4f, loss_gen %.4f", trainer.state.iteration, *losses)

    with board:
        trainer.run(batches(make_games(options.seed)), max_epochs=1, epoch_length=options.iterations)
    log.info("the log is in %s: pip install tensorboard; tensorboard --logdir %s", options.logdir, options.logdir)
    return trainer


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=20_000)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--logdir", default="runs/atari_gan")
    parser.add_argument("--save-image-every", type=int, default=100, help="iterations between grids of images")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
