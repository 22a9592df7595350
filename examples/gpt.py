"""Train a small GPT, letter by letter, on Python's language reference or a text of yours, and let it write.

    python examples/gpt.py [FILE] [--epochs 7] [--prompt "The "] [--logdir runs/gpt]

Shows a transformer made of modules, AdamW that spares biases and norms from decay, a learning rate that rises and
falls, clipped gradients, validation, a TensorBoard log, and text drawn from the model at the end.
"""

import argparse
import itertools
import pydoc_data.topics
from collections.abc import Iterator
from pathlib import Path

import sparkle
import sparkle.nn.functional as F
from sparkle import nn
from sparkle.engine import Engine, Events
from sparkle.handlers import ProgressBar
from sparkle.handlers.tensorboard_logger import TensorboardLogger
from sparkle.metrics import RunningAverage

LENGTH, BATCH, EPOCH = 64, 16, 100  # letters that the model sees at once, texts in a batch, batches in an epoch


class Block(nn.Module):
    """Attention to what came before, then a perceptron for each letter; both beside a shortcut."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.qkv, self.out = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.mlp = nn.Sequential(nn.Linear(size, 4 * size), nn.GELU(), nn.Linear(4 * size, size), nn.Dropout(0.05))

    def attention(self, x: sparkle.Tensor) -> sparkle.Tensor:
        n, t, size = x.shape
        q, k, v = (part.view(n, t, self.heads, -1).transpose(1, 2) for part in self.qkv(x).split(size, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(n, t, size))

    def forward(self, x: sparkle.Tensor) -> sparkle.Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    """Numbers of letters (n, t), t at most LENGTH, to scores of the letter after each, (n, t, letters)."""

    def __init__(self, letters: int, size: int = 128, layers: int = 3, heads: int = 4) -> None:
        super().__init__()
        self.letters, self.places = nn.Embedding(letters, size), nn.Embedding(LENGTH, size)
        self.blocks = nn.Sequential(*(Block(size, heads) for _ in range(layers)))
        self.norm, self.head = nn.LayerNorm(size), nn.Linear(size, letters, bias=False)
        for weight in self.parameters():
            if weight.ndim == 2:  # a first guess that every letter is about as likely as any other
                nn.init.normal_(weight, std=0.02)
        self.head.weight = self.letters.weight

    def forward(self, codes: sparkle.Tensor) -> sparkle.Tensor:
        x = self.letters(codes) + self.places(sparkle.arange(codes.shape[1]))
        return self.head(self.norm(self.blocks(x)))

    @sparkle.no_grad()
    def write(self, codes: sparkle.Tensor, count: int, temperature: float = 0.7, top_k: int = 20) -> sparkle.Tensor:
        """`codes` (1, t) and `count` more letters, each drawn from the `top_k` likeliest."""
        self.eval()
        for _ in range(count):
            scores = self(codes[:, -LENGTH:])[:, -1] / temperature
            best, places = scores.topk(min(top_k, scores.shape[-1]))
            codes = sparkle.cat([codes, places.gather(1, sparkle.multinomial(best.softmax(-1), 1))], dim=1)
        return codes


def batches(codes: sparkle.Tensor, seed: int) -> Iterator[sparkle.Tensor]:
    """Pieces of LENGTH + 1 letters from anywhere in the text, without end."""
    generator = sparkle.Generator().manual_seed(seed)
    while True:
        starts = sparkle.randint(0, len(codes) - LENGTH, (BATCH, 1), generator=generator)
        yield codes[starts + sparkle.arange(LENGTH + 1)]


def main(arguments: list[str] | None = None) -> str:
    """Train, and return what the model then writes."""
    options = parse(arguments)
    sparkle.manual_seed(0)
    text = options.file.read_text(encoding="utf-8") if options.file else "\n".join(pydoc_data.topics.topics.values())
    if len(text) < 20 * LENGTH:
        raise SystemExit(f"{options.file} has {len(text)} letters: at least {20 * LENGTH} are needed")
    alphabet = sorted(set(text + options.prompt))
    numbers = {letter: number for number, letter in enumerate(alphabet)}
    codes = sparkle.tensor([numbers[letter] for letter in text])
    train, validation = codes[: len(codes) * 9 // 10], codes[len(codes) * 9 // 10 :]

    model = GPT(len(alphabet))
    weights = list(model.parameters())
    groups = [{"params": [w for w in weights if w.ndim == n], "weight_decay": 0.1 * (n > 1)} for n in (1, 2)]
    optimizer = sparkle.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.95))
    scheduler = sparkle.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, epochs=options.epochs, steps_per_epoch=EPOCH)

    def loss_of(batch: sparkle.Tensor) -> sparkle.Tensor:
        return F.cross_entropy(model(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())

    def process_batch(trainer: Engine, batch: sparkle.Tensor) -> float:
        model.train()
        optimizer.zero_grad()
        loss = loss_of(batch)
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        scheduler.step()
        return loss.item()

    trainer = Engine(process_batch)
    RunningAverage(output_transform=lambda loss: loss).attach(trainer, "loss")
    ProgressBar(persist=False).attach(trainer, ["loss"])

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate(trainer: Engine) -> None:
        model.eval()
        with sparkle.no_grad():
            losses = [loss_of(batch).item() for batch in itertools.islice(batches(validation, 0), 10)]
        trainer.state.metrics["validation"] = mean = sum(losses) / len(losses)
        print(f"epoch {trainer.state.epoch}  running loss {trainer.state.metrics['loss']:.3f}  validation {mean:.3f}")

    with TensorboardLogger(log_dir=options.logdir) as logger:
        logger.attach_output_handler(trainer, Events.ITERATION_COMPLETED, "train", metric_names=["loss"])
        logger.attach_output_handler(trainer, Events.EPOCH_COMPLETED, "epoch", metric_names=["validation"])
        trainer.run(batches(train, 1), max_epochs=options.epochs, epoch_length=EPOCH)

    prompt = sparkle.tensor([[numbers[letter] for letter in options.prompt or text[0]]])
    written = "".join(alphabet[number] for number in model.write(prompt, options.letters)[0].tolist())
    print(f"\n{written}\n\nTensorBoard log  {options.logdir}   pip install tensorboard; tensorboard --logdir runs")
    return written


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", help="a text in UTF-8; without it Python's language reference")
    parser.add_argument("--epochs", type=int, default=7, help=f"of {EPOCH} batches each")
    parser.add_argument("--prompt", default="The ", help="how the text begins that the model writes")
    parser.add_argument("--letters", type=int, default=400, help="how many letters it adds")
    parser.add_argument("--logdir", default="runs/gpt")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
