"""Checkpoint: which files there are after a sequence of scores, what is in them, and what failures leave behind."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sparkle.engine import Engine, Events, State
from sparkle.handlers import Checkpoint, DiskSaver, ModelCheckpoint, global_step_from_engine
from sparkle.handlers.checkpoint import BaseSaveHandler, CheckpointEvents

NAN = math.nan
TEN = {"global_step_transform": lambda engine, event: 10}


def acc(engine):
    return engine.state.metrics["acc"]


# scores, arguments -> names left, worst first
SEQUENCES = [
    ([1, 2, 3], {}, ["a_3"]),
    ([1, 2, 3], {"n_saved": 2}, ["a_2", "a_3"]),
    ([1, 2, 3], {"n_saved": None}, ["a_1", "a_2", "a_3"]),
    ([0.5, 0.4, 0.9, 0.7], {"score_function": acc, "n_saved": 2}, ["a_0.7000", "a_0.9000"]),
    ([0.5, 0.4], {"score_name": "acc"}, ["a_acc=0.5000"]),
    ([0.5], {"score_name": "acc", "filename_prefix": "best", **TEN}, ["best_a_10_acc=0.5000"]),
    ([5], {"score_function": acc, **TEN}, ["a_10_5"]),
    ([5], TEN, ["a_10"]),
    (
        [7.0],
        {"score_name": "acc", "filename_pattern": "{filename_prefix}{name}-{score}-{score_name}"},
        ["a-7.0000-acc"],
    ),
    ([1, 2], {"filename_pattern": "{name}"}, ["a"]),
    # NaN beats nothing and is beaten by any number, minus infinity included
    ([NAN], {"score_function": acc}, ["a_nan"]),
    ([NAN, 0.5], {"score_function": acc}, ["a_0.5000"]),
    ([0.5, NAN], {"score_function": acc}, ["a_0.5000"]),
    ([0.5, NAN, 0.4], {"score_function": acc, "n_saved": 2}, ["a_0.4000", "a_0.5000"]),
    ([NAN, -math.inf], {"score_function": acc, "greater_or_equal": True}, ["a_-inf"]),
    ([math.inf, NAN, 3], {"score_function": acc, "n_saved": 2}, ["a_3", "a_inf"]),
]


@pytest.mark.parametrize(("scores", "kwargs", "left"), SEQUENCES)
def test_files_left(scores, kwargs, left, thing, recorder, calls):
    pattern = {"filename_pattern": kwargs["filename_pattern"] + ".{ext}"} if "filename_pattern" in kwargs else {}
    checkpoint = Checkpoint({"a": thing()}, recorder, **{**kwargs, **pattern})
    calls(checkpoint, scores)
    names = [f"{name}.pt" for name in left]
    assert sorted(recorder.files) == sorted(names)
    assert [name for _, name in checkpoint.state_dict()["_saved"]] == names
    assert checkpoint.last_checkpoint == names[-1]


@pytest.mark.parametrize(("equal", "step"), [(False, 1), (True, 3)])
def test_equal_scores(equal, step, thing, recorder, calls):
    by_epoch = {"global_step_transform": lambda engine, event: engine.state.epoch}
    checkpoint = Checkpoint({"a": thing()}, recorder, score_name="acc", greater_or_equal=equal, **by_epoch)
    calls(checkpoint, [0.5, 0.5, 0.5])
    assert list(recorder.files) == [f"a_{step}_acc=0.5000.pt"]


def test_new_file_comes_before_old_one_goes(thing, recorder, calls):
    calls(Checkpoint({"a": thing()}, recorder, n_saved=1), [1, 2])
    assert recorder.calls == [("save", "a_1.pt"), ("save", "a_2.pt"), ("remove", "a_1.pt")]


def test_same_name_is_written_over_and_never_removed(thing, recorder, calls):
    calls(Checkpoint({"a": thing()}, recorder, filename_pattern="last.{ext}"), [1, 2, 3])
    assert recorder.calls == [("save", "last.pt")] * 3


def test_contents(thing, recorder, calls):
    calls(Checkpoint({"a": thing(3)}, recorder), [1])
    calls(Checkpoint({"a": thing(3), "n": {"b": thing(4), "l": [thing(5)]}}, recorder, score_name="acc"), [1])
    nested = {"a": {"value": 3}, "n": {"b": {"value": 4}, "l": [{"value": 5}]}}
    assert recorder.files == {"a_1.pt": {"value": 3}, "checkpoint_acc=1.0000.pt": nested}
    assert recorder.metadata == [
        {"basename": "a", "score_name": None, "priority": 1},
        {"basename": "checkpoint", "score_name": "acc", "priority": 1},
    ]


def test_include_self_stands_beside_a_single_object(thing, recorder, calls):
    checkpoint = Checkpoint({"a": thing(3)}, recorder, include_self=True)
    calls(checkpoint, [1, 2])
    (saved,) = recorder.files.values()
    assert saved == {"a": {"value": 3}, "checkpointer": {"_saved": [(2, "a_2.pt")]}}
    model, other = thing(), Checkpoint({"a": thing()}, recorder)
    Checkpoint.load_objects({"a": model, "checkpointer": other}, saved)
    assert (model.value, other.last_checkpoint) == (3, "a_2.pt")


@pytest.mark.parametrize("wants", [lambda c, f: None, lambda c, f, m: None, lambda c, f, metadata=None: None])
def test_save_function_with_and_without_metadata(wants, thing, calls):
    calls(Checkpoint({"a": thing()}, wants), [1, 2])


def test_save_function_is_called_once_also_when_it_raises_type_error(thing, calls):
    asked = []

    def broken(checkpoint, filename):
        asked.append(filename)
        raise TypeError("inside")

    with pytest.raises(TypeError, match="inside"):
        calls(Checkpoint({"a": thing()}, broken), [1])
    assert asked == ["a_1.pt"]


def test_failed_write_changes_nothing(thing, recorder, calls):
    checkpoint = Checkpoint({"a": thing()}, recorder, n_saved=1)
    calls(checkpoint, [1])
    good = checkpoint.state_dict()
    checkpoint.save_handler = full = _Full()
    with pytest.raises(OSError, match="No space"):
        calls(checkpoint, [1, 2])
    assert (checkpoint.state_dict(), full.removed) == (good, [])


class _Full(BaseSaveHandler):
    def __init__(self):
        self.removed = []

    def __call__(self, checkpoint, filename, metadata=None):
        raise OSError(28, "No space left on device")

    def remove(self, filename):
        self.removed.append(filename)


def test_saved_event_fires_after_each_save(thing, recorder):
    trainer = Engine(lambda engine, batch: None)
    trainer.register_events(*CheckpointEvents)
    fired = []
    trainer.add_event_handler(Checkpoint.SAVED_CHECKPOINT, lambda engine: fired.append(engine.state.iteration))
    checkpoint = Checkpoint({"a": thing()}, recorder)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(every=2), checkpoint)
    trainer.run(range(5))
    assert fired == [2, 4]


def test_attached_handler_can_be_listened_to_at_once(thing, recorder):
    trainer = Engine(lambda engine, batch: None)
    fired = []
    with Checkpoint({"a": thing()}, recorder).attach(trainer, Events.EPOCH_COMPLETED):
        trainer.add_event_handler(Checkpoint.SAVED_CHECKPOINT, lambda engine: fired.append(engine.state.iteration))
        trainer.run(range(2), max_epochs=2)
    trainer.run(range(5))
    assert fired == [2, 4]


def test_saved_event_needs_no_registration(thing, recorder):
    trainer = Engine(lambda engine, batch: None)
    trainer.add_event_handler(Events.COMPLETED, Checkpoint({"a": thing()}, recorder))
    fired = []
    trainer.add_event_handler(
        Events.COMPLETED, lambda: trainer.add_event_handler("SAVED_CHECKPOINT", fired.append), priority=-30
    )
    trainer.run(range(2))
    trainer.run(range(3))
    assert len(fired) == 1


def test_best_model_of_an_evaluator_takes_its_step_from_the_trainer(thing, recorder):
    scores = iter([0.5, 0.9, 0.7])
    trainer, evaluator = Engine(lambda engine, batch: None), Engine(lambda engine, batch: None)

    @evaluator.on(Events.COMPLETED)
    def score():
        evaluator.state.metrics["acc"] = next(scores)

    best = Checkpoint(
        {"model": thing()},
        recorder,
        n_saved=2,
        filename_prefix="best",
        score_name="acc",
        global_step_transform=global_step_from_engine(trainer),
    )
    evaluator.add_event_handler(Events.COMPLETED, best)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
    trainer.run([0], max_epochs=3)
    assert sorted(recorder.files) == ["best_model_2_acc=0.9000.pt", "best_model_3_acc=0.7000.pt"]


def test_on_exception_saves_and_the_exception_goes_on(thing, recorder):
    def fail_at_2(engine, batch):
        if engine.state.iteration == 2:
            raise ZeroDivisionError("two")

    trainer = Engine(fail_at_2)
    trainer.add_event_handler(Events.EXCEPTION_RAISED, Checkpoint({"a": thing()}, recorder))
    with pytest.raises(ZeroDivisionError):
        trainer.run(range(5))
    assert list(recorder.files) == ["a_2.pt"]


def test_state_dict_round_trip_goes_on_pruning(thing, recorder, calls):
    first = Checkpoint({"a": thing()}, recorder, score_name="acc", n_saved=2)
    calls(first, [0.1, 0.9])
    second = Checkpoint({"a": thing()}, recorder, score_name="acc", n_saved=2)
    second.load_state_dict(first.state_dict())
    calls(second, [0.05, 0.5])
    assert sorted(recorder.files) == ["a_acc=0.5000.pt", "a_acc=0.9000.pt"]


def test_reset_forgets(thing, recorder, calls):
    checkpoint = Checkpoint({"a": thing()}, recorder)
    calls(checkpoint, [1])
    checkpoint.reset()
    assert checkpoint.last_checkpoint is None
    calls(checkpoint, [1, 2])
    assert ("remove", "a_1.pt") in recorder.calls


MISUSES = [
    ({"to_save": 3}, TypeError, "to_save: met int 3"),
    ({"to_save": [1]}, TypeError, "to_save: met list"),
    ({"to_save": {"a": 3}}, TypeError, r"to_save\['a'\]: int 3 has no method state_dict"),
    ({"to_save": {"a": {"b": [None]}}}, TypeError, r"to_save\['a.b.0'\]"),
    ({"save_handler": 3}, TypeError, "save_handler: met int"),
    ({"n_saved": 0}, ValueError, "n_saved: met 0"),
    ({"n_saved": 1.5}, ValueError, "n_saved: met 1.5"),
    ({"global_step_transform": 3}, TypeError, "global_step_transform"),
    ({"score_function": 3}, TypeError, "score_function"),
    ({"filename_pattern": "{foo}.pt"}, KeyError, "'foo' is not among"),
    ({"save_on_rank": 1}, ValueError, "save_on_rank=1"),
]


@pytest.mark.parametrize(("kwargs", "error", "message"), MISUSES)
def test_misuse(kwargs, error, message, thing, recorder):
    with pytest.raises(error, match=message):
        Checkpoint(**{"to_save": {"a": thing()}, "save_handler": recorder, **kwargs})


def test_key_of_the_handler_itself_is_taken(thing, recorder):
    with pytest.raises(ValueError, match="'checkpointer' is taken"):
        Checkpoint({"checkpointer": thing()}, recorder, include_self=True)


@pytest.mark.parametrize("score", ["high", None, [1], 1j])
def test_score_must_be_a_number(score, thing, recorder, calls):
    with pytest.raises(ValueError, match="score_function: gave"):
        calls(Checkpoint({"a": thing()}, recorder, score_function=acc), [score])


@pytest.mark.parametrize("step", ["ten", 1.5, None])
def test_step_must_be_an_integer(step, thing, recorder, calls):
    checkpoint = Checkpoint({"a": thing()}, recorder, global_step_transform=lambda engine, event: step)
    with pytest.raises(ValueError, match="global_step_transform: gave"):
        calls(checkpoint, [1])


def test_missing_metric_is_named(thing, recorder):
    with pytest.raises(KeyError, match="'loss' is not among the engine's metrics"):
        Checkpoint({"a": thing()}, recorder, score_name="loss")(Engine(lambda engine, batch: None))


@pytest.mark.parametrize(("sign", "score"), [(1.0, 3.0), (-1.0, -3.0)])
def test_default_score_function(sign, score):
    engine = Engine(lambda engine, batch: None)
    engine.state = State(metrics={"loss": 3.0})
    assert Checkpoint.get_default_score_fn("loss", sign)(engine) == score
    with pytest.raises(ValueError, match="score_sign"):
        Checkpoint.get_default_score_fn("loss", 0.5)


PATTERNS = [
    ((), "{filename_prefix}_{name}_{global_step}_{score_name}={score}.{ext}"),
    ((False,), "{name}_{global_step}_{score_name}={score}.{ext}"),
    ((True, True, False), "{filename_prefix}_{name}_{global_step}_{score}.{ext}"),
    ((True, True, True, False), "{filename_prefix}_{name}_{score_name}={score}.{ext}"),
    ((False, False, False), "{name}_{global_step}.{ext}"),
]


@pytest.mark.parametrize(("parts", "pattern"), PATTERNS)
def test_setup_filename_pattern(parts, pattern):
    assert Checkpoint.setup_filename_pattern(*parts) == pattern


@pytest.mark.parametrize("parts", [(True, False), (False, False, True), (True, False, False, False)])
def test_setup_filename_pattern_misuse(parts):
    with pytest.raises(ValueError, match="file name"):
        Checkpoint.setup_filename_pattern(*parts)


class TestModelCheckpoint:
    def test_saves_what_it_is_given(self, tmp_path, thing):
        trainer = Engine(lambda engine, batch: None)
        handler = ModelCheckpoint(tmp_path, "my", n_saved=2)
        trainer.add_event_handler(Events.EPOCH_COMPLETED(every=2), handler, {"model": thing()})
        trainer.run(range(5), max_epochs=6)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["my_model_20.pt", "my_model_30.pt"]
        assert handler.last_checkpoint == tmp_path / "my_model_30.pt"

    def test_on_exception(self, tmp_path, thing):
        trainer = Engine(lambda engine, batch: 1 / 0)
        trainer.add_event_handler(Events.EXCEPTION_RAISED, ModelCheckpoint(tmp_path), {"model": thing()})
        with pytest.raises(ZeroDivisionError):
            trainer.run([0])
        assert [path.name for path in tmp_path.iterdir()] == ["model_1.pt"]

    @pytest.mark.parametrize(("to_save", "error"), [({}, RuntimeError), ({"a": 3}, TypeError), (3, TypeError)])
    def test_misuse(self, to_save, error, tmp_path):
        with pytest.raises(error):
            ModelCheckpoint(tmp_path)(Engine(lambda engine, batch: None), to_save)

    def test_attached_without_objects(self, tmp_path):
        with pytest.raises(ValueError, match="to_save"):
            Engine(lambda engine, batch: None).add_event_handler(Events.STARTED, ModelCheckpoint(tmp_path))


class TestReload:
    def saved(self, tmp_path: Path, thing, calls, **kwargs) -> Checkpoint:
        checkpoint = Checkpoint({"a": thing(7)}, DiskSaver(tmp_path), **kwargs)
        calls(checkpoint, [0.5])
        return checkpoint

    def test_by_step(self, tmp_path, thing, calls):
        other = thing()
        self.saved(tmp_path, thing, calls).reload_objects({"a": other}, global_step=1)
        assert other.value == 7

    @pytest.mark.parametrize("score", [0.5, "0.5000"])
    def test_by_score(self, score, tmp_path, thing, calls):
        other = thing()
        self.saved(tmp_path, thing, calls, score_name="acc").reload_objects({"a": other}, name="a", score=score)
        assert other.value == 7

    def test_misuse(self, tmp_path, thing, recorder, calls):
        checkpoint = self.saved(tmp_path, thing, calls)
        with pytest.raises(ValueError, match="global step"):
            checkpoint.reload_objects({"a": thing()})
        with pytest.raises(FileNotFoundError):
            checkpoint.reload_objects({"a": thing()}, global_step=5)
        with pytest.raises(TypeError):
            checkpoint.reload_objects({"a": thing()}, step=1)
        with pytest.raises(AttributeError, match="Recorder"):
            Checkpoint({"a": thing()}, recorder).reload_objects({"a": thing()}, global_step=1)
