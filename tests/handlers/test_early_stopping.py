"""EarlyStopping: at which score of a sequence it stops, and what it counts."""

from __future__ import annotations

import math

import pytest

from sparkle.engine import Engine, Events
from sparkle.handlers import EarlyStopping

NAN, INF = math.nan, math.inf

# scores, arguments -> counter after each score
SEQUENCES = [
    ([1, 0.8, 0.9, 1, 1.1], {}, [0, 1, 2, 3, 0]),
    ([1, 0.8, 0.9, 0.5], {"mode": "min"}, [0, 0, 1, 0]),
    ([1, 1.05, 1.1, 1.15], {"threshold": 0.1}, [0, 1, 2, 3]),
    ([1, 1.05, 1.1, 1.15], {"threshold": 0.1, "cumulative": True}, [0, 1, 2, 0]),
    ([1, 1.05, 1.1, 1.15], {"min_delta": 0.1, "cumulative_delta": True}, [0, 1, 2, 0]),
    ([1, 0.9, 0.95, 0.5], {"threshold": 0.1, "mode": "min"}, [0, 1, 2, 0]),
    ([1, 1.05, 1.2, 1.25], {"threshold": 0.1, "threshold_mode": "rel"}, [0, 1, 0, 1]),
    ([1, 0.95, 0.8, 0.75], {"threshold": 0.1, "min_delta_mode": "rel", "mode": "min"}, [0, 1, 0, 1]),
    # below zero a relative gain still goes towards better
    ([-1, -1.05, -0.95, -0.8], {"threshold": 0.1, "threshold_mode": "rel"}, [0, 1, 2, 0]),
    ([-1, -0.95, -1.05, -1.2], {"threshold": 0.1, "threshold_mode": "rel", "mode": "min"}, [0, 1, 2, 0]),
    ([0, 0, 1e-9], {"threshold": 0.1, "threshold_mode": "rel"}, [0, 1, 0]),
    # NaN is never an improvement, and anything improves on nothing
    ([1, NAN, 2, NAN], {}, [0, 1, 0, 1]),
    ([NAN, NAN, 1, 0.5], {}, [1, 2, 0, 1]),
    ([NAN, 1, NAN, 0.5], {"mode": "min", "threshold": 0.1, "threshold_mode": "rel"}, [1, 0, 1, 0]),
    ([-INF, -INF, 0, INF, INF], {"threshold": 2.0, "threshold_mode": "rel"}, [0, 1, 0, 0, 1]),
]


@pytest.fixture
def stopper():
    """Make an EarlyStopping that scores the metric "acc"."""

    def make(**kwargs):
        arguments = {"patience": 100, "trainer": Engine(lambda engine, batch: None), **kwargs}
        return EarlyStopping(score_function=lambda engine: engine.state.metrics["acc"], **arguments)

    return make


@pytest.mark.parametrize(("scores", "kwargs", "counters"), SEQUENCES, ids=str)
def test_counter(scores, kwargs, counters, stopper, calls):
    handler = stopper(**kwargs)
    seen = []
    calls(lambda engine: (handler(engine), seen.append(handler.counter)), scores)
    assert seen == counters


@pytest.mark.parametrize(("cumulative", "best"), [(False, 1.15), (True, 1.0)])
def test_best_score(cumulative, best, stopper, calls):
    handler = stopper(threshold=0.2, cumulative=cumulative)
    calls(handler, [1.0, 1.05, NAN, 1.15, 1.1])
    assert handler.best_score == best


@pytest.mark.parametrize(("patience", "epochs"), [(1, 3), (2, 4), (3, 7)])
def test_stops_the_trainer(patience, epochs, stopper):
    scores = iter([0.1, 0.5, 0.4, 0.3, 0.6, 0.5, 0.4, 0.3])
    trainer, evaluator = Engine(lambda engine, batch: None), Engine(lambda engine, batch: None)
    evaluator.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.state.metrics.update(acc=next(scores)))
    stopper(patience=patience, trainer=trainer).attach(evaluator)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
    trainer.run([0], max_epochs=epochs)
    assert trainer.state.epoch == epochs
    assert len(list(scores)) == 8 - epochs


def test_stops_no_later(stopper):
    trainer = Engine(lambda engine, batch: None)
    trainer.state.metrics["acc"] = 1.0
    trainer.add_event_handler(Events.EPOCH_COMPLETED, stopper(patience=2, trainer=trainer))
    assert trainer.run([0], max_epochs=10).epoch == 3


def test_attach_resets_for_each_run(stopper):
    trainer = Engine(lambda engine, batch: None)
    trainer.state.metrics["acc"] = 1.0
    handler = stopper(trainer=trainer)
    handler.attach(trainer, Events.EPOCH_COMPLETED, reset_engine=trainer)
    for _ in range(2):
        trainer.run([0], max_epochs=3)
        assert (handler.counter, handler.best_score) == (2, 1.0)


def test_scores_may_be_tensors(stopper, calls, tensor):
    handler = stopper()
    calls(handler, [tensor(1.0), tensor(2.0), tensor(0.5)])
    assert (type(handler.best_score), handler.best_score, handler.counter) == (float, 2.0, 1)


def test_state_dict_round_trip(stopper, calls):
    first, second = stopper(threshold_mode="rel"), stopper()
    calls(first, [1.0, 0.5])
    assert first.state_dict() == {"counter": 1, "best_score": 1.0, "threshold_mode": "rel"}
    second.load_state_dict(first.state_dict())
    assert second.state_dict() == first.state_dict()


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (3, TypeError),
        ({"counter": 1}, ValueError),
        ({"counter": 1, "best_score": 1, "threshold_mode": "x"}, ValueError),
    ],
)
def test_bad_state_changes_nothing(state, error, stopper):
    handler = stopper()
    with pytest.raises(error):
        handler.load_state_dict(state)
    assert handler.state_dict() == {"counter": 0, "best_score": None, "threshold_mode": "abs"}


MISUSES = [
    ({"patience": 0}, ValueError, "patience is 0"),
    ({"patience": -1}, ValueError, "patience is -1"),
    ({"patience": "a"}, TypeError, "patience is 'a'"),
    ({"score_function": 3}, TypeError, "score_function is 3"),
    ({"trainer": 3}, TypeError, "trainer is a int"),
    ({"threshold": -1}, ValueError, "threshold is -1"),
    ({"min_delta": -1}, ValueError, "threshold is -1"),
    ({"threshold": NAN}, ValueError, "threshold is nan"),
    ({"threshold_mode": "x"}, ValueError, "threshold_mode is 'x'"),
    ({"mode": "x"}, ValueError, "mode is 'x'"),
    ({"threshold": 0.1, "min_delta": 0.2}, ValueError, "the same argument"),
]


@pytest.mark.parametrize(("kwargs", "error", "message"), MISUSES, ids=str)
def test_misuse(kwargs, error, message):
    right = {"patience": 1, "score_function": lambda engine: 0, "trainer": Engine(lambda engine, batch: None)}
    with pytest.raises(error, match=message):
        EarlyStopping(**{**right, **kwargs})


def test_score_must_be_a_number(stopper, calls):
    with pytest.raises(ValueError, match="score_function: gave str 'high'"):
        calls(stopper(), ["high"])


def test_older_names():
    handler = EarlyStopping(1, lambda engine: 0, Engine(lambda engine, batch: None), 0.5, True)
    assert (handler.min_delta, handler.min_delta_mode, handler.cumulative_delta) == (0.5, "abs", True)


# ---------------------------------------------------------------- the first evaluations, and the best state


@pytest.mark.parametrize(
    ("min_evals", "scores", "counters"),
    [
        (0, [3, 2, 1], [0, 1, 2]),
        (2, [3, 2, 1, 1], [0, 0, 1, 2]),
        (3, [1, 5, 2, 3, 6, 4], [0, 0, 0, 1, 0, 1]),
        (2, [NAN, NAN, NAN, 1], [0, 0, 1, 0]),
    ],
)
def test_min_evals(min_evals, scores, counters, stopper, calls):
    handler = stopper(min_evals=min_evals)
    seen = []
    calls(lambda engine: (handler(engine), seen.append(handler.counter)), scores)
    assert seen == counters


def test_min_evals_survive_a_round_trip(stopper, calls):
    first, second = stopper(min_evals=3), stopper(min_evals=3)
    calls(first, [5, 4])
    second.load_state_dict(first.state_dict())
    calls(second, [3, 2])
    assert second.counter == 1
    second.reset()
    assert second.evaluations == 0


def run_with(scores, handler_of, trainer, thing):
    """Train a thing whose value is the epoch, with these scores."""
    model, scores = thing(0), iter(scores)
    handler = handler_of(model)

    @trainer.on(Events.EPOCH_COMPLETED)
    def evaluate(engine):
        model.value = engine.state.epoch
        engine.state.metrics["acc"] = next(scores)
        handler(engine)

    trainer.run([0], max_epochs=10)
    return model, handler


@pytest.mark.parametrize(
    ("scores", "arguments", "stopped", "best"),
    [
        ([1, 3, 2, 2, 9], {"patience": 2}, 4, 2),
        ([1, NAN, 2, NAN, NAN, NAN], {"patience": 3}, 6, 3),
        ([1, 1.5, 1.8, 2], {"patience": 3, "threshold": 1.0, "cumulative": True}, 4, 4),
        (list(range(9, -1, -1)), {"patience": 20}, 10, 1),  # never stopped: the best all the same
        ([5, 4, 3, 4, 5], {"patience": 2, "mode": "min"}, 5, 3),
    ],
)
def test_restore_best(scores, arguments, stopped, best, thing):
    trainer = Engine(lambda engine, batch: None)

    def make(model):
        return EarlyStopping(
            score_function=lambda engine: engine.state.metrics["acc"],
            trainer=trainer,
            restore_best={"model": model},
            **arguments,
        )

    model, _ = run_with(scores, make, trainer, thing)
    assert trainer.state.epoch == stopped
    assert model.value == best


def test_best_state_survives_a_round_trip(stopper, calls, thing):
    first_model, second_model = thing("best"), thing("later")
    first, second = stopper(restore_best={"m": first_model}), stopper(restore_best={"m": second_model})
    calls(first, [5])
    first_model.value = "changed"
    second.load_state_dict(first.state_dict())
    second.trainer.run([0])
    assert second_model.value == "best"


def test_nothing_to_restore(stopper, calls, thing):
    model = thing("now")
    handler = stopper(restore_best={"m": model})
    calls(handler, [NAN])
    handler.trainer.run([0])
    assert model.value == "now"


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"min_evals": -1}, ValueError, "min_evals is -1"),
        ({"min_evals": 1.5}, ValueError, "min_evals is 1.5"),
        ({"restore_best": 3}, TypeError, "restore_best: met int"),
        ({"restore_best": {"m": 3}}, TypeError, r"restore_best\['m'\]: int 3 has no method state_dict"),
    ],
)
def test_misuse_of_the_options(kwargs, error, message, stopper):
    with pytest.raises(error, match=message):
        stopper(**kwargs)
