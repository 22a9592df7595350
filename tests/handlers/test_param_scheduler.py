"""Parameter schedulers: formulas, histories, states, simulation, and where they are better than Ignite's."""

from __future__ import annotations

import math
import subprocess
import sys
from types import SimpleNamespace

import pytest

import sparkle
from sparkle.engine import Engine, Events
from sparkle.handlers import (
    BatchSizeScheduler,
    ConcatScheduler,
    CosineAnnealingScheduler,
    LinearCyclicalScheduler,
    LRScheduler,
    ParamGroupScheduler,
    ParamScheduler,
    PiecewiseLinear,
    ReduceLROnPlateauScheduler,
    create_lr_scheduler_with_warmup,
)
from sparkle.optim import lr_scheduler as schedules


def groups(*rates):
    """The least that a scheduler needs of an optimizer."""
    return SimpleNamespace(param_groups=[{"lr": rate} for rate in rates or (0.5,)])


def sgd(*rates):
    parameters = [{"params": [sparkle.zeros(1, requires_grad=True)], "lr": rate} for rate in rates or (0.5,)]
    return sparkle.optim.SGD(parameters, lr=0.1)


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def follow(scheduler, optimizer, events):
    found = []
    for _ in range(events):
        scheduler(None)
        found.append(rates(optimizer)[0])
    return found


def cosine(optimizer, **options):
    return CosineAnnealingScheduler(optimizer, "lr", 1.0, 0.0, 10, **options)


FORMULAS = [
    (lambda o: cosine(o), lambda k: (1 + math.cos(math.pi * (k % 10) / 10)) / 2),
    (lambda o: LinearCyclicalScheduler(o, "lr", 0.0, 1.0, 8), lambda k: 1 - abs(1 - (k % 8) / 4)),
    (lambda o: LinearCyclicalScheduler(o, "lr", 0.0, 1.0, 8, monotonic=True), lambda k: (k % 8) / 8),
    (lambda o: PiecewiseLinear(o, "lr", [(2, 0.0), (4, 1.0)]), lambda k: min(max((k - 2) / 2, 0), 1)),
]


@pytest.mark.parametrize(("make", "formula"), FORMULAS)
def test_formulas(make, formula):
    optimizer = groups()
    assert follow(make(optimizer), optimizer, 60) == pytest.approx([formula(k) for k in range(60)])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_whatever_was_in_the_group_makes_no_difference(number):
    optimizer = groups()
    scheduler = FORMULAS[number][0](optimizer)
    found = []
    for _ in range(30):
        optimizer.param_groups[0]["lr"] = 123.0
        scheduler(None)
        found.append(optimizer.param_groups[0]["lr"])
    assert found == pytest.approx([FORMULAS[number][1](k) for k in range(30)])


def test_milestones_follow_the_event_index():
    """Ignite remembers a place among the milestones, and cannot go back."""
    scheduler = PiecewiseLinear(groups(), "lr", [(0, 0.0), (10, 1.0), (20, 0.0)])
    for index in (25, 5, 15, 0):
        scheduler.event_index = index
        assert scheduler.get_param() == pytest.approx(1 - abs(10 - index) / 10 if index < 20 else 0)


def test_cycles_do_not_vanish():
    """Ignite divides by a cycle_size of 0 in the end."""
    optimizer = groups()
    values = follow(LinearCyclicalScheduler(optimizer, "lr", 1.0, 0.0, 4, cycle_mult=0.5), optimizer, 20)
    assert values[-5:] == [1.0] * 5


def test_in_a_run():
    optimizer = groups()
    seen = []
    trainer = Engine(lambda engine, batch: seen.append(rates(optimizer)[0]))
    cosine(optimizer, save_history=True).attach(trainer)
    state = trainer.run(range(5), max_epochs=4)
    assert seen == pytest.approx([FORMULAS[0][1](k) for k in range(20)])
    assert state.param_history == {"lr": [[value] for value in seen]}


def test_attach_elsewhere():
    optimizer = groups()
    trainer = Engine(lambda engine, batch: None)
    scheduler = cosine(optimizer)
    scheduler.attach(trainer, Events.EPOCH_COMPLETED(every=2))
    trainer.run(range(3), max_epochs=6)
    assert scheduler.event_index == 3


class Betas(ParamScheduler):
    def get_param(self):
        return (0.1 * self.event_index, 0.9)


class Each(ParamScheduler):
    def get_param(self):
        return [self.event_index, -self.event_index]


def test_tuples_are_values_and_lists_are_for_the_groups():
    optimizer = groups(1.0, 2.0)
    Betas(optimizer, "betas")(None)
    assert [group["betas"] for group in optimizer.param_groups] == [(0.0, 0.9)] * 2
    scheduler = Each(optimizer, "lr")
    assert [scheduler(None), scheduler(None), rates(optimizer)] == [None, None, [1, -1]]
    with pytest.raises(ValueError, match=r"2 values.*3 groups"):
        Each(groups(1.0, 2.0, 3.0), "lr")(None)


def test_a_rate_that_is_a_tensor_stays_the_same_tensor():
    rate = sparkle.tensor(0.5)
    optimizer = sparkle.optim.SGD([sparkle.zeros(1, requires_grad=True)], lr=rate)
    cosine(optimizer)(None)
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == 1.0


def test_one_group():
    optimizer = groups(5.0, 6.0, 7.0)
    cosine(optimizer, param_group_index=1)(None)
    assert rates(optimizer) == [5.0, 1.0, 7.0]
    simulated = CosineAnnealingScheduler.simulate_values(
        2, param_name="lr", start_value=1.0, end_value=0.0, cycle_size=10, param_group_index=1
    )
    assert [value for _, value in simulated] == pytest.approx([1.0, FORMULAS[0][1](1)])


def test_states_are_copies_and_a_bad_one_changes_nothing():
    scheduler = PiecewiseLinear(groups(), "lr", [(0, 0.0), (10, 1.0)])
    state = scheduler.state_dict()
    state["milestones"][1] = 3
    assert scheduler.milestones == [0, 10]
    with pytest.raises(ValueError, match="save_history"):
        scheduler.load_state_dict({"event_index": 7, "param_name": "x", "param_group_index": 1, "values": []})
    assert (scheduler.event_index, scheduler.param_name) == (0, "lr")


def two(optimizer):
    return [PiecewiseLinear(optimizer, "lr", [(0, 0.0), (4, 1.0)]), cosine(optimizer)]


def test_concatenated_knows_what_comes_next():
    optimizer = groups()
    joint = ConcatScheduler(two(optimizer), durations=[3])
    for _ in range(15):
        promised = joint.get_param()
        joint(None)
        assert rates(optimizer) == [promised]
    assert joint.event_index == 15


def test_side_by_side_knows_what_comes_next():
    """Also in warm-ups and at the end of a cycle, where ignite's get_param gives the formula of the cycle."""
    optimizer = groups(0.0, 0.0)
    options = {"warmup_duration": 3, "cycle_mult": 1.5}
    joint = ParamGroupScheduler(
        [cosine(optimizer, param_group_index=i, start_value_mult=0.5 * (i + 1), **options) for i in (0, 1)]
    )
    simulated = ParamGroupScheduler.simulate_values(50, schedulers=joint.schedulers)
    for row in simulated:
        assert joint.get_param() == row[1:]
        joint(None)
        assert rates(optimizer) == row[1:]


def test_negative_durations():
    with pytest.raises(ValueError, match="negative"):
        ConcatScheduler(two(groups()), durations=[-1])


def test_simulation_leaves_everything_as_it_was():
    optimizer = sgd(0.5, 0.25)
    joint = create_lr_scheduler_with_warmup(schedules.ExponentialLR(optimizer, 0.9), 0.0, 5, save_history=True)
    follow(joint, optimizer, 7)
    before = joint.state_dict(), rates(optimizer)
    ConcatScheduler.simulate_values(20, schedulers=joint.schedulers, durations=joint.durations)
    assert (joint.state_dict(), rates(optimizer)) == before
    assert joint.save_history


def test_simulation_that_fails_leaves_everything_as_it_was():
    optimizer = sgd()
    schedule = schedules.LambdaLR(optimizer, lambda epoch: 1 / (5 - epoch))
    with pytest.raises(ZeroDivisionError):
        LRScheduler.simulate_values(20, schedule)
    assert (schedule.last_epoch, rates(optimizer)) == (0, [0.1])


def test_warm_up_of_groups_with_different_rates():
    """Each group comes from 0 to its own rate, and then follows the schedule; ignite counts one group's milestones."""
    optimizer = sgd(1.0, 0.5)
    joint = create_lr_scheduler_with_warmup(schedules.ExponentialLR(optimizer, 0.5), 0.0, 5)
    found = []
    for _ in range(8):
        joint(None)
        found.append(rates(optimizer))
    line = [[i / 4, i / 8] for i in range(5)]
    assert found == [*line, [0.5, 0.25], [0.25, 0.125], [0.125, 0.0625]]


def test_warm_up_to_elsewhere_is_followed_by_the_whole_schedule():
    optimizer = sgd(1.0, 0.25)
    joint = create_lr_scheduler_with_warmup(schedules.ExponentialLR(optimizer, 0.5), 0.0, 3, warmup_end_value=0.25)
    found = []
    for _ in range(5):
        joint(None)
        found.append(rates(optimizer))
    assert found == [[0.0, 0.0], [0.125, 0.125], [0.25, 0.25], [1.0, 0.25], [0.5, 0.125]]


def test_legacy_begins_with_the_second_rate():
    optimizer = sgd(1.0)
    with pytest.warns(UserWarning, match="ITERATION_COMPLETED"):
        scheduler = LRScheduler(schedules.ExponentialLR(optimizer, 0.5), use_legacy=True)
    assert scheduler.get_param() == 0.5
    assert follow(scheduler, optimizer, 3) == [0.5, 0.25, 0.125]


def test_plateau_cannot_be_wrapped():
    with pytest.raises(TypeError, match="ReduceLROnPlateauScheduler"):
        LRScheduler(schedules.ReduceLROnPlateau(sgd()))


def metric(value):
    return SimpleNamespace(state=SimpleNamespace(metrics={"loss": value}))


def test_min_lr_is_honoured():
    """Ignite replaces it by 0 unless there is a param_group_index, and then takes that of group 0."""
    for options, lowest in [({"min_lr": 0.3}, [0.3, 0.3]), ({"min_lr": [0.3, 0.1]}, [0.3, 0.1])]:
        optimizer = groups(1.0, 1.0)
        scheduler = ReduceLROnPlateauScheduler(optimizer, "loss", patience=0, factor=0.5, **options)
        for _ in range(9):
            scheduler(metric(1.0))
        assert rates(optimizer) == lowest
    optimizer = groups(1.0, 1.0)
    scheduler = ReduceLROnPlateauScheduler(optimizer, "loss", patience=0, min_lr=0.3, param_group_index=1)
    for _ in range(9):
        scheduler(metric(sparkle.tensor(1.0)))
    assert rates(optimizer) == [1.0, 0.3]


def test_plateau_without_a_number():
    scheduler = ReduceLROnPlateauScheduler(groups(), "loss")
    with pytest.raises(ValueError, match="loss is 'low'"):
        scheduler(metric("low"))
    with pytest.raises(ValueError, match="expected 1 min_lrs, got 2"):
        ReduceLROnPlateauScheduler(groups(), "loss", min_lr=[0.1, 0.2])


def test_plateau_says_that_verbose_is_left_out():
    with pytest.warns(UserWarning, match="save_history"):
        ReduceLROnPlateauScheduler(groups(), "loss", verbose=True)


def test_batch_sizes():
    loader = sparkle.data.DataLoader(list(range(20)), batch_size=1)
    sizes = []
    trainer = Engine(lambda engine, batch: sizes.append(len(batch)))
    BatchSizeScheduler(loader, lambda index: 2 + index, save_history=True).attach(trainer)
    state = trainer.run(loader, max_epochs=3, epoch_length=3)
    assert state.param_history == {"batch_size": [2, 3, 4]}
    assert sizes[:3] == [2, 2, 2]
    with pytest.raises(ValueError, match="True"):
        BatchSizeScheduler(loader, lambda index: True)(None)


def test_pictures():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    lines = LinearCyclicalScheduler.plot_values(9, param_name="lr", start_value=1.0, end_value=0.0, cycle_size=4)
    assert lines[0].get_xydata()[:3].tolist() == [[0, 1], [1, 0.5], [2, 0]]
    assert lines[0].get_label() == "lr"
    lines = LRScheduler.plot_values(4, lr_scheduler=schedules.ExponentialLR(sgd(1.0, 0.5), 0.5))
    assert [line.get_ydata().tolist() for line in lines] == [[1.0, 0.5, 0.25, 0.125], [0.5, 0.25, 0.125, 0.0625]]
    lines[0].axes.figure.clear()


def test_matplotlib_is_looked_up_late():
    code = (
        "import sys, sparkle.handlers as h\n"
        "assert 'matplotlib' not in sys.modules\n"
        "sys.modules['matplotlib'] = None\n"
        "try:\n"
        "    h.PiecewiseLinear.plot_values(3, param_name='lr', milestones_values=[(0, 1.0)])\n"
        "except ModuleNotFoundError as error:\n"
        "    assert 'sparkle-engine[plot]' in str(error)\n"
        "else:\n"
        "    raise SystemExit('no error')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_sets_the_rate_between_two_events_makes_no_difference():
    optimizer = sgd(1.0)
    scheduler, found = LRScheduler(schedules.ExponentialLR(optimizer, 0.5)), []
    for _ in range(4):
        scheduler(None)
        found += rates(optimizer)
        optimizer.param_groups[0]["lr"] = 123.0
    assert found == [1.0, 0.5, 0.25, 0.125]


def test_between_two_cycles_the_value_comes_back_on_a_line():
    optimizer = groups()
    scheduler = LinearCyclicalScheduler(
        optimizer, "lr", 1.0, 0.0, 2, warmup_duration=4, start_value_mult=0.5, monotonic=True
    )
    assert follow(scheduler, optimizer, 9) == [1.0, 0.5, 0.0, 0.125, 0.25, 0.375, 0.5, 0.25, 0.0]


def test_two_milestones_at_one_index_are_a_jump():
    values = PiecewiseLinear.simulate_values(4, param_name="lr", milestones_values=[(0, 0.0), (2, 1.0), (2, 5.0)])
    assert [value for _, value in values] == [0.0, 0.5, 5.0, 5.0]
