"""An Engine with events of its own, a metric of its own, filters, and handlers that come and go."""

import torch
from ignite.engine import Engine, EventEnum, Events, State
from ignite.exceptions import NotComputableError
from ignite.metrics import Accuracy, Average, MeanSquaredError, Metric


class EpisodeEvents(EventEnum):
    EPISODE_COMPLETED = "episode_completed"
    BEST_REWARD_REACHED = "best_reward_reached"


class Span(Metric):
    """The largest minus the smallest of all outputs."""

    def reset(self):
        self._values = []

    def update(self, output):
        self._values += output.flatten().tolist()

    def compute(self):
        if not self._values:
            raise NotComputableError("Span must have at least one example before it can be computed.")
        return max(self._values) - min(self._values)


rewards = [1.0, 3.0, 2.0, 5.0, 4.0, 6.0]
trace = []


def process(engine, batch):
    engine.state.reward = batch
    engine.fire_event(EpisodeEvents.EPISODE_COMPLETED)
    if batch > getattr(engine.state, "best", 0.0):
        engine.state.best = batch
        engine.fire_event(EpisodeEvents.BEST_REWARD_REACHED)
    return {"y": torch.tensor([batch, -batch]), "reward": batch}


engine = Engine(process)
engine.register_events(*EpisodeEvents, event_to_attr={EpisodeEvents.EPISODE_COMPLETED: "episodes"})
Span(output_transform=lambda out: out["y"]).attach(engine, "span")
Average(output_transform=lambda out: out["reward"]).attach(engine, "average")


@engine.on(EpisodeEvents.BEST_REWARD_REACHED)
def best(trainer):
    trace.append(["best", trainer.state.iteration, trainer.state.best])


@engine.on(Events.ITERATION_COMPLETED(event_filter=lambda engine, event: event in (2, 3, 5)))
def filtered(engine):
    trace.append(["filtered", engine.state.iteration])


@engine.on(Events.ITERATION_STARTED(before=3) | Events.EPOCH_STARTED(after=1))
def early(engine):
    trace.append(["early", engine.state.epoch, engine.state.iteration])


def bound(engine, bound_value):
    if engine.state.reward >= bound_value:
        trace.append(["bound", engine.state.epoch])
        engine.terminate_epoch()


handle = engine.add_event_handler(EpisodeEvents.EPISODE_COMPLETED, bound, 6.0)
with engine.add_event_handler(Events.EPOCH_COMPLETED, lambda: trace.append(["epoch completed"])):
    state = engine.run(rewards, max_epochs=2)
handle.remove()
engine.state.max_epochs = None
engine.run([7.0], max_epochs=1)

accuracy, error = Accuracy(), MeanSquaredError()
for predicted, wanted in ((torch.tensor([[0.2, 0.8], [0.9, 0.1]]), torch.tensor([1, 1])),):
    accuracy.update((predicted, wanted))
error.update((torch.tensor([1.0, 2.0]), torch.tensor([2.0, 4.0])))
try:
    Accuracy().compute()
    computed = "fine"
except NotComputableError as problem:
    computed = str(problem)
raised = []


@engine.on(Events.EXCEPTION_RAISED)
def on_exception(engine, e):
    raised.append(type(e).__name__)
    raise e


engine.state.max_epochs = None
try:
    engine.run([None], max_epochs=1)
except TypeError:
    raised.append("left the run")

result = {
    "trace": trace,
    "state": [isinstance(state, State), state.epoch, state.iteration, state.episodes],
    "metrics": {name: float(value) for name, value in engine.state.metrics.items()},
    "handlers": [engine.has_event_handler(bound), engine.has_event_handler(best)],
    "by_hand": [accuracy.compute(), error.compute()],
    "not_computable": computed,
    "raised": [raised[0], raised[-1]],
}
