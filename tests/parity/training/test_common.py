"""setup_common_training_handlers and its friends beside Ignite's."""

from __future__ import annotations

import inspect
import warnings
from types import SimpleNamespace

import pytest
import torch

with warnings.catch_warnings():  # torch.jit warns of itself while ignite is imported
    warnings.simplefilter("ignore")
    import ignite.contrib.engines.common
    import ignite.engine

import sparkle.contrib.engines.common
import sparkle.engine

IGNITE = SimpleNamespace(common=ignite.contrib.engines.common, engine=ignite.engine, nn=torch.nn)
SPARKLE = SimpleNamespace(common=sparkle.contrib.engines.common, engine=sparkle.engine, nn=sparkle.nn)
NAMES = [name for name in sparkle.contrib.engines.common.__all__ if not name.endswith("_logging")]


@pytest.mark.parametrize("name", NAMES)
def test_arguments(name):
    ours, theirs = (inspect.signature(getattr(lib.common, name)).parameters for lib in (SPARKLE, IGNITE))
    if name == "empty_cuda_cache":  # the engine may be left out
        assert len(ours) == len(theirs)
        return
    assert [(p.name, p.default, p.kind) for p in ours.values()] == [
        (p.name, p.default, p.kind) for p in theirs.values()
    ]


def program(lib, folder, options):
    """Everything at once: what is saved, and the metrics."""
    trainer = lib.engine.Engine(lambda engine, batch: {"a": batch, "b": 2 * batch})
    evaluator = lib.engine.Engine(lambda engine, batch: None)
    model = lib.nn.Linear(1, 1)
    scores = iter([0.5, 0.25, 0.75, 0.6, 0.5, 0.4, 0.3])
    evaluator.add_event_handler(lib.engine.Events.COMPLETED, lambda: evaluator.state.metrics.update(Acc=next(scores)))
    lib.common.setup_common_training_handlers(
        trainer,
        to_save={"model": model, "trainer": trainer},
        save_every_iters=2,
        output_path=str(folder),
        output_names=["a", "b"],
        with_pbars=False,
        **options,
    )
    lib.common.save_best_model_by_val_score(str(folder), evaluator, model, "Acc", n_saved=2, trainer=trainer)
    lib.common.add_early_stopping_by_val_score(2, evaluator, trainer, "Acc")
    trainer.add_event_handler(lib.engine.Events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
    state = trainer.run([1.0, 2.0, 3.0], max_epochs=10)
    metrics = {name: round(float(value), 6) for name, value in state.metrics.items()}
    return sorted(path.name for path in folder.iterdir()), metrics, state.epoch


@pytest.mark.parametrize("options", [{}, {"n_saved": 3}, {"filename_pattern": "{name}_{global_step}.{ext}"}], ids=str)
def test_what_is_saved(options, tmp_path):
    found = []
    for lib in (IGNITE, SPARKLE):
        folder = tmp_path / str(len(found))
        folder.mkdir()
        found.append(program(lib, folder, options))
    assert found[0] == found[1]
    assert len(found[0][0]) > 2


MISUSES = {
    "nowhere to save": {"to_save": {}},
    "two places to save": {"to_save": {}, "output_path": "x", "save_handler": print},
}


@pytest.mark.parametrize("arguments", MISUSES.values(), ids=MISUSES)
def test_same_class_of_error(arguments):
    kinds = []
    for lib in (IGNITE, SPARKLE):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is what is compared
            lib.common.setup_common_training_handlers(lib.engine.Engine(lambda engine, batch: 0), **arguments)
        kinds.append(caught.type)
    assert kinds[0] is kinds[1]
