"""EarlyStopping: the same decisions over score sequences (positive where thresholds are relative, and never NaN)."""

from __future__ import annotations

import random

import pytest

SEQUENCES = [[round(random.Random(seed).uniform(0.1, 2.0), 1) for _ in range(40)] for seed in range(6)]
SEQUENCES += [[1, 1.05, 1.1, 1.15, 1.2], [1, 0.9, 0.8, 0.7], [1, 1, 1, 2, 2], [3, 2, 1, 0]]
OPTIONS = [
    {"patience": patience, "threshold": threshold, "cumulative": cumulative, "threshold_mode": relative, "mode": mode}
    for patience in (1, 3)
    for threshold in (0.0, 0.1, 0.5)
    for cumulative in (False, True)
    for relative in ("abs", "rel")
    for mode in ("min", "max")
]


def decisions(lib, scores, options):
    trainer = lib.engine.Engine(lambda engine, batch: None)
    feed, stops, history = iter(scores), [], []
    trainer.terminate = lambda *args, **kwargs: stops.append(True)
    handler = lib.handlers.EarlyStopping(score_function=lambda engine: next(feed), trainer=trainer, **options)
    for _ in scores:
        handler(trainer)
        history.append((dict(handler.state_dict()), len(stops)))
    return history


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(map(str, options.values())))
@pytest.mark.parametrize("scores", SEQUENCES, ids=str)
def test_decisions(scores, options, both):
    theirs, ours = both(decisions, scores, options)
    assert ours == theirs


def epochs_run(lib, scores, patience):
    trainer = lib.engine.Engine(lambda engine, batch: None)
    evaluator = lib.engine.Engine(lambda engine, batch: None)
    feed = iter(scores)
    handler = lib.handlers.EarlyStopping(patience, lambda engine: next(feed), trainer)
    handler.attach(evaluator, reset_engine=trainer)
    trainer.add_event_handler(lib.engine.Events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
    return trainer.run([0], max_epochs=len(scores)).epoch


@pytest.mark.parametrize("patience", [1, 2, 3, 5])
@pytest.mark.parametrize("scores", SEQUENCES, ids=str)
def test_epochs_run(scores, patience, both):
    theirs, ours = both(epochs_run, scores, patience)
    assert ours == theirs
