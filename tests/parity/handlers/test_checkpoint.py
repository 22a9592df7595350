"""Checkpoint: after every score, the same files are there under the same names."""

from __future__ import annotations

import random

import pytest

SCORES = [
    [1, 2, 3, 4],
    [4, 3, 2, 1],
    [0.5, 0.5, 0.4, 0.9, 0.9, 0.7, 0.8],
    [-0.1, -0.3, -1e-7, -0.1, 1234.56789],
    [0, 10**7, 10**6, 10**8],
    *([round(random.Random(seed).uniform(-1, 1), 1) for _ in range(25)] for seed in range(4)),
]
OPTIONS = [
    {},
    {"n_saved": 3},
    {"n_saved": None},
    {"score": True},
    {"score": True, "n_saved": 2},
    {"score": True, "n_saved": 3, "greater_or_equal": True, "step": True},
    {"score": True, "n_saved": 2, "step": True, "score_name": "acc", "filename_prefix": "best"},
    {"score_name": "acc", "n_saved": 2},
    {"step": True, "n_saved": 2, "filename_prefix": "p"},
    {"score": True, "step": True, "filename_pattern": "{global_step}-{name}-{score}.{ext}", "n_saved": 2},
    {"score_name": "acc", "filename_pattern": "{filename_prefix}.{name}.{score_name}.{ext}"},
]
CONTENTS = [1, 2]


class Thing:
    def state_dict(self):
        return {"value": 1}

    def load_state_dict(self, state):
        raise NotImplementedError


def files_over_time(lib, scores, options, objects):
    files, history = {}, []

    class Saver(lib.handlers.checkpoint.BaseSaveHandler):
        def __call__(self, checkpoint, filename, metadata=None):
            files[filename] = (checkpoint, metadata)

        def remove(self, filename):
            del files[filename]

    options = dict(options)
    if options.pop("score", False):
        options["score_function"] = lambda engine: engine.state.metrics["acc"]
    if options.pop("step", False):
        options["global_step_transform"] = lambda engine, event: 10 * engine.state.epoch
    checkpoint = lib.handlers.Checkpoint({f"model{i}": Thing() for i in range(objects)}, Saver(), **options)
    engine = lib.engine.Engine(lambda engine, batch: None)
    engine.state = lib.engine.State(iteration=0, epoch=0, metrics={})
    for score in scores:
        engine.state.iteration += 3
        engine.state.epoch += 1
        engine.state.metrics["acc"] = score
        checkpoint(engine)
        kept = [tuple(item) for item in checkpoint.state_dict()["_saved"]]
        history.append((dict(sorted(files.items())), kept, checkpoint.last_checkpoint))
    return history


@pytest.mark.parametrize("objects", CONTENTS)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("scores", SCORES, ids=str)
def test_files_over_time(scores, options, objects, both):
    theirs, ours = both(files_over_time, scores, options, objects)
    assert ours == theirs


def runs(lib, folder, every):
    """Checkpoints of a real run on the disk, the last of them by a handler that takes its step from the trainer."""
    trainer, evaluator = (lib.engine.Engine(lambda engine, batch: batch) for _ in range(2))
    events = lib.engine.Events
    scores = iter([0.3, 0.7, 0.7, 0.2, 0.9, 0.8])
    evaluator.add_event_handler(events.COMPLETED, lambda: evaluator.state.metrics.update(acc=next(scores)))
    trainer.add_event_handler(events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
    best = lib.handlers.ModelCheckpoint(
        folder / lib.name,
        "best",
        n_saved=2,
        score_name="acc",
        global_step_transform=lib.handlers.global_step_from_engine(trainer),
    )
    latest = lib.handlers.Checkpoint({"a": Thing(), "b": Thing()}, folder / lib.name / "latest", n_saved=2)
    evaluator.add_event_handler(events.COMPLETED, best, {"model": Thing()})
    trainer.add_event_handler(events.ITERATION_COMPLETED(every=every), latest)
    trainer.run(range(4), max_epochs=6)
    files = sorted(str(path.relative_to(folder / lib.name)) for path in (folder / lib.name).rglob("*.pt"))
    return files, best.last_checkpoint.name, latest.last_checkpoint.name


@pytest.mark.parametrize("every", [1, 5, 100])
def test_files_of_a_run(every, tmp_path, both):
    if every == 100:  # nothing was saved: no last checkpoint to name
        every = 24
    theirs, ours = both(runs, tmp_path, every)
    assert ours == theirs


@pytest.mark.parametrize("parts", [(a, b, c, d) for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1)])
def test_filename_patterns(parts, both):
    def pattern(lib):
        try:
            return lib.handlers.Checkpoint.setup_filename_pattern(*map(bool, parts))
        except ValueError:
            return ValueError

    theirs, ours = both(pattern)
    assert ours == theirs
