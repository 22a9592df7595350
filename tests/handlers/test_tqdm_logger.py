"""ProgressBar: what stands on the screen when it is over, and on the way there."""

from __future__ import annotations

import io
import re

import pytest

from sparkle.engine import Engine, Events
from sparkle.handlers import ProgressBar

WHOLE_RUN = {"closing_event_name": Events.COMPLETED}
EPOCHS = {"event_name": Events.EPOCH_COMPLETED, "closing_event_name": Events.COMPLETED}


@pytest.fixture
def screen():
    return io.StringIO()


@pytest.fixture
def bar(screen):
    """Make a bar that is drawn at every step and stays, without its times."""

    def make(**kwargs):
        fixed = {
            "persist": True,
            "file": screen,
            "plain": False,
            "mininterval": 0,
            "bar_format": "{desc}[{n_fmt}/{total_fmt}]{postfix}",
        }
        return ProgressBar(**{**fixed, **kwargs})

    return make


def lines(screen):
    """The last state of each line of a screen."""
    written = [line.split("\r")[-1].strip() for line in screen.getvalue().split("\n")]
    return [line for line in written if line]


def drawn(screen):
    """All states of all lines, each once."""
    states = [state.strip() for state in re.split(r"[\r\n]", screen.getvalue())]
    return [state for state, last in zip(states, [None, *states], strict=False) if state and state != last]


@pytest.fixture
def trainer():
    return Engine(lambda engine, batch: batch)


FINAL = [
    ({}, {"max_epochs": 1}, ["Iteration: [3/3]"]),
    ({}, {"max_epochs": 2}, ["Epoch [1/2]: [3/3]", "Epoch [2/2]: [3/3]"]),
    ({}, {"max_iters": 2}, ["Epoch: [2/3]"]),
    (WHOLE_RUN, {"max_epochs": 2}, ["Iteration: [6/6]"]),
    (WHOLE_RUN, {"max_iters": 5}, ["Iteration: [5/5]"]),
    (EPOCHS, {"max_epochs": 2}, ["Epoch: [2/2]"]),
    ({"event_name": Events.ITERATION_STARTED}, {"max_epochs": 1}, ["Iteration: [3/3]"]),
    ({"event_name": "ITERATION_COMPLETED"}, {"max_epochs": 1}, ["Iteration: [3/3]"]),
    ({"event_name": Events.EPOCH_STARTED}, {"max_epochs": 2}, ["Epoch [1/2]: [1/2]", "Epoch [2/2]: [2/2]"]),
    ({"event_name": Events.STARTED, **WHOLE_RUN}, {"max_epochs": 2}, ["Epoch: [1/1]"]),
    ({"event_name": Events.ITERATION_COMPLETED(every=2)}, {"max_epochs": 1}, ["Iteration: [3/3]"]),
    ({"output_transform": lambda loss: {"loss": loss}}, {}, ["Iteration: [3/3], loss=0.25"]),
    ({"output_transform": lambda loss: [loss, 1]}, {}, ["Iteration: [3/3], output_0=0.25, output_1=1"]),
    ({"state_attributes": ["alpha"]}, {}, ["Iteration: [3/3], alpha=0.75"]),
    ({"metric_names": ["acc"]}, {}, ["Iteration: [3/3], acc=0.123"]),
    ({"metric_names": "all"}, {}, ["Iteration: [3/3], acc=0.123, name=text"]),
]


@pytest.mark.parametrize(("attach", "run", "final"), FINAL)
def test_final_state(attach, run, final, trainer, bar, screen):
    trainer.state.alpha = 0.75
    trainer.state.metrics.update(acc=0.123456, name="text")
    bar().attach(trainer, **attach)
    trainer.run([0.5, 0.75, 0.25], **run)
    assert lines(screen) == final


def test_on_the_way(trainer, bar, screen):
    bar(desc="Train").attach(trainer, output_transform=lambda loss: {"loss": loss})
    trainer.run([0.5, 0.25], max_epochs=2)
    assert drawn(screen) == [
        *("Train [1/2]: [0/2]", "Train [1/2]: [1/2], loss=0.5", "Train [1/2]: [2/2], loss=0.25"),
        *("Train [2/2]: [0/2]", "Train [2/2]: [1/2], loss=0.5", "Train [2/2]: [2/2], loss=0.25"),
    ]


def test_values_are_read_only_when_drawn(trainer, bar, screen):
    asked = []
    bar(mininterval=1000).attach(trainer, output_transform=lambda loss: asked.append(loss) or {"loss": loss})
    trainer.run(range(50))
    assert asked == [49]
    assert lines(screen) == ["Iteration: [50/50], loss=49"]


def test_bar_that_does_not_stay(trainer, bar, screen):
    bar(persist=False).attach(trainer)
    trainer.run([1, 2])
    assert lines(screen) == []
    assert drawn(screen)[-1] == "Iteration: [2/2]"


def test_unknown_total_until_the_epoch_ends(trainer, bar, screen):
    class Unsized:
        def __iter__(self):
            return iter([1, 2, 3])

    bar().attach(trainer)
    trainer.run(Unsized(), max_epochs=2)
    assert "Epoch [1/2]: [2/?]" in drawn(screen)
    assert "Epoch [2/2]: [2/3]" in drawn(screen)
    assert lines(screen) == ["Epoch [1/2]: [3/3]", "Epoch [2/2]: [3/3]"]


def test_default_format_with_unknown_total(trainer, screen):
    ProgressBar(persist=True, file=screen, plain=False).attach(trainer)
    trainer.run(iter([1, 2, 3]))
    assert lines(screen)[0].startswith("Iteration: [3/3] 100%|")


def stop_at_2(engine, how):
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=2), how)


STOPS = [
    (lambda engine: engine.terminate(), {}, ["Epoch [1/2]: [2/3]"]),
    (lambda engine: engine.terminate(skip_completed=True), {}, ["Epoch [1/2]: [2/3]"]),
    (lambda engine: engine.terminate_epoch(), {}, ["Epoch [1/2]: [2/3]", "Epoch [2/2]: [3/3]"]),
    (
        lambda engine: engine.terminate_epoch(skip_epoch_completed=True),
        {},
        ["Epoch [1/2]: [2/3]", "Epoch [2/2]: [3/3]"],
    ),
    (lambda engine: engine.interrupt(), {}, ["Epoch [1/2]: [2/3]"]),
    (lambda engine: engine.terminate(), WHOLE_RUN, ["Iteration: [2/6]"]),
]


@pytest.mark.parametrize(("stop", "attach", "final"), STOPS)
def test_shows_how_far_it_came(stop, attach, final, trainer, bar, screen):
    progress = bar()
    progress.attach(trainer, **attach)
    stop_at_2(trainer, stop)
    trainer.run([1, 2, 3], max_epochs=2)
    assert lines(screen) == final
    assert progress.pbar is None


def test_interrupted_run_goes_on_in_a_new_bar(trainer, bar, screen):
    bar().attach(trainer)
    stop_at_2(trainer, lambda engine: engine.interrupt())
    trainer.run([1, 2, 3])
    trainer.run([1, 2, 3])
    assert lines(screen) == ["Iteration: [2/3]", "Iteration: [3/3]"]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_exception_closes_the_bar(error, bar, screen):
    def fail_at_2(engine, batch):
        if batch == 2:
            raise error
        return batch

    trainer, progress = Engine(fail_at_2), bar()
    progress.attach(trainer, output_transform=lambda output: {"x": 1 / (output or 0)})
    with pytest.raises(error):
        trainer.run([1, 2, 3])
    assert progress.pbar is None
    assert lines(screen) == ["Iteration: [1/3], x=1"]
    assert screen.getvalue().endswith("\n")


def test_one_bar_for_two_engines(bar, screen):
    trainer, evaluator = Engine(lambda engine, batch: batch), Engine(lambda engine, batch: batch)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([1]))
    progress = bar(bar_format="{desc}[{n_fmt}/{total_fmt}]")
    progress.attach(evaluator)
    progress.attach(trainer)
    trainer.run([1, 2])
    assert {"Iteration: [1/1]", "Iteration: [2/2]"} <= set(drawn(screen))
    assert progress.pbar is None


def test_pbar_is_the_open_bar(trainer, bar):
    progress, seen = bar(), []
    progress.attach(trainer)
    trainer.add_event_handler(
        Events.ITERATION_COMPLETED, lambda: seen.append((progress.pbar.n, progress.pbar.total)), priority=-20
    )
    assert progress.pbar is None
    trainer.run([1, 2])
    assert (seen, progress.pbar) == ([(1, 2), (2, 2)], None)


def test_context_manager_closes(trainer, bar):
    with bar() as progress:
        progress.attach(trainer, closing_event_name=Events.COMPLETED)
        trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda: open_bars.append(progress.pbar))
        open_bars = []
        trainer.run([1])
    assert open_bars[0].disable  # tqdm's sign of a closed bar


def test_total_and_other_arguments_of_tqdm(trainer, bar, screen):
    bar(total=100, unit="batch", bar_format="{n_fmt} of {total_fmt} {unit}").attach(trainer)
    trainer.run([1, 2])
    assert lines(screen) == ["2 of 100 batch"]


def test_disabled(trainer, bar, screen):
    bar(disable=True).attach(trainer, output_transform=lambda output: {"x": output})
    trainer.run([1, 2])
    assert screen.getvalue() == ""


def test_log_message(trainer, bar, capsys):
    bar().log_message("hello")
    assert capsys.readouterr().out == "hello\n"


MISUSES = [
    ({"event_name": Events.EXCEPTION_RAISED}, ValueError, "cannot be followed"),
    ({"event_name": Events.GET_BATCH_STARTED}, ValueError, "cannot be followed"),
    ({"event_name": Events.STARTED | Events.EPOCH_STARTED}, ValueError, "cannot be followed"),
    ({"closing_event_name": Events.TERMINATE}, ValueError, "cannot be followed"),
    ({"event_name": Events.COMPLETED, "closing_event_name": Events.STARTED}, ValueError, "must come before"),
    ({"closing_event_name": Events.ITERATION_COMPLETED}, ValueError, "must come before"),
    ({"closing_event_name": Events.EPOCH_COMPLETED(every=2)}, ValueError, "is filtered"),
    ({"metric_names": "loss"}, TypeError, "metric_names"),
    ({"output_transform": 3}, TypeError, "output_transform"),
]


@pytest.mark.parametrize(("kwargs", "error", "message"), MISUSES)
def test_misuse(kwargs, error, message, trainer, bar):
    with pytest.raises(error, match=message):
        bar().attach(trainer, **kwargs)
    assert not any(trainer.has_event_handler(print, event) for event in Events)


def test_no_handler_for_optimizers(trainer, bar, optimizer):
    with pytest.raises(NotImplementedError, match="output_transform"):
        bar().attach_opt_params_handler(trainer, Events.STARTED, optimizer)


# ---------------------------------------------------------------- files and pipes: lines of text


class Terminal(io.StringIO):
    """A terminal, and what is on its screen."""

    def isatty(self):
        return True

    def rows(self):
        rows, row, column = [""], 0, 0
        for part in re.findall(r"\r|\n|\x1b\[A|[^\r\n\x1b]+", self.getvalue()):
            if part == "\n":
                row, column = row + 1, 0
                rows += [""] * (row + 1 - len(rows))
            elif part == "\x1b[A":
                row -= 1
            elif part == "\r":
                column = 0
            else:
                line = rows[row].ljust(column)
                rows[row] = line[:column] + part + line[column + len(part) :]
                column += len(part)
        return [line.rstrip() for line in rows if line.strip()]


@pytest.fixture
def plain(screen):
    """Make a bar for a file, with a line for each step, without its times."""

    def make(**kwargs):
        fixed = {
            "file": screen,
            "mininterval": 0,
            "bar_format": "{desc}[{n_fmt}/{total_fmt}] {percentage:3.0f}%|{bar}{postfix}",
        }
        return ProgressBar(**{**fixed, **kwargs})

    return make


@pytest.mark.parametrize("persist", [False, True])
def test_files_get_lines(persist, plain, screen, trainer):
    plain(persist=persist).attach(trainer, output_transform=lambda x: {"loss": x})
    trainer.run([0.5, 0.75], max_epochs=2)
    assert screen.getvalue().splitlines() == [
        f"Epoch [{epoch}/2]: [{n}/2] {percent:3d}%, loss={loss}"
        for epoch in (1, 2)
        for n, percent, loss in ((1, 50, "0.5"), (2, 100, "0.75"))
    ]


def test_lines_come_now_and_then(plain, screen, trainer):
    plain(mininterval=None).attach(trainer)
    trainer.run(range(1000), max_epochs=2)
    assert [line.split()[2] for line in screen.getvalue().splitlines()] == ["[1000/1000]", "[1000/1000]"]


@pytest.mark.parametrize(
    ("bar_format", "line"),
    [
        (None, r"Iteration: 2/2 \[00:00<00:00\]"),
        ("", r"Iteration: 2/2 \[00:00<00:00\]"),
        ("{l_bar}{bar}{r_bar}", "Iteration: 100% 2/2"),
        ("{n} of {total}", "2 of 2"),
    ],
)
def test_formats_of_lines(bar_format, line, plain, screen, trainer):
    plain(bar_format=bar_format, mininterval=100).attach(trainer)
    trainer.run([0, 0])
    assert re.fullmatch(line + "\n", screen.getvalue())


def test_default_line(screen, trainer):
    ProgressBar(file=screen).attach(trainer, metric_names="all")
    trainer.state.metrics["acc"] = 0.5
    trainer.run([0, 0])
    assert re.fullmatch(r"Iteration: \[2/2\] 100%, acc=0.5 \[00:00<00:00\]\n", screen.getvalue())


def test_lines_with_unknown_total(plain, screen, trainer):
    plain().attach(trainer)
    trainer.run(iter([1, 2]), max_epochs=1)
    assert screen.getvalue().splitlines() == ["Iteration: [1/?]", "Iteration: [2/?]", "Iteration: [2/2] 100%"]


def test_last_line_at_an_exception(plain, screen):
    trainer = Engine(lambda engine, batch: 1 / batch)
    plain(mininterval=100).attach(trainer)
    with pytest.raises(ZeroDivisionError):
        trainer.run([1, 0, 1])
    assert screen.getvalue() == "Iteration: [1/3]  33%\n"


@pytest.mark.parametrize("disable", [True, None])
def test_no_lines(disable, plain, screen, trainer):
    plain(disable=disable).attach(trainer)
    trainer.run([1, 2])
    assert screen.getvalue() == ""


def test_stderr_of_the_moment(trainer, capsys):
    ProgressBar(bar_format="{n}/{total}").attach(trainer)
    trainer.run([1, 2])
    assert capsys.readouterr().err == "2/2\n"


def test_terminals_get_bars_and_files_lines_unless_told(trainer):
    cases = [(Terminal(), None, True), (Terminal(), True, False), (io.StringIO(), False, True)]
    for file, plain, drawn in cases:
        ProgressBar(file=file, plain=plain, persist=True).attach(trainer)
        trainer.run([1, 2])
        assert ("\r" in file.getvalue()) == drawn
        trainer = Engine(lambda engine, batch: batch)


# ---------------------------------------------------------------- terminals: nested bars, and nothing left over


def nested(terminal, persist=False):
    """A bar of epochs, one of iterations within, and one of an evaluator, run after each epoch."""
    fixed = {"file": terminal, "mininterval": 0, "bar_format": "{desc}[{n_fmt}/{total_fmt}]", "persist": persist}
    trainer = Engine(lambda engine, batch: 1 / batch)
    evaluator = Engine(lambda engine, batch: 1 / batch)
    ProgressBar(desc="All", **fixed).attach(
        trainer, event_name=Events.EPOCH_COMPLETED, closing_event_name=Events.COMPLETED
    )
    ProgressBar(**fixed).attach(trainer)
    ProgressBar(desc="Check", **fixed).attach(evaluator)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([1, 1]))
    return trainer, evaluator


def test_nested_bars_vanish():
    terminal = Terminal()
    nested(terminal)[0].run([1, 1, 1], max_epochs=2)
    assert terminal.rows() == []


def test_nested_bars_on_the_way():
    terminal, seen = Terminal(), []
    trainer, evaluator = nested(terminal)
    evaluator.add_event_handler(Events.ITERATION_COMPLETED, lambda: seen.append(terminal.rows()), priority=-50)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=5), lambda: seen.append(terminal.rows()), priority=-50)
    trainer.run([1, 1, 1], max_epochs=2)
    assert seen[0] == ["All: [0/2]", "Epoch [1/2]: [3/3]", "Check: [1/2]"]
    assert seen[2] == ["All: [1/2]", "Epoch [2/2]: [2/3]"]


@pytest.mark.parametrize("where", ["process function", "handler", "evaluator", "handler of the evaluator"])
def test_errors_leave_the_terminal_clean(where):
    terminal = Terminal()
    trainer, evaluator = nested(terminal)
    engine = evaluator if "evaluator" in where else trainer

    def fail():
        raise KeyError("boom")

    engine.add_event_handler(
        Events.ITERATION_STARTED(once=2) if "handler" in where else Events.ITERATION_COMPLETED, fail
    )
    with pytest.raises(KeyError, match="boom"):
        trainer.run([1, 1, 1], max_epochs=2)
    assert terminal.rows() == []
    terminal.write("$ \n")
    assert terminal.rows() == ["$"]
    trainer, _ = nested(terminal)
    trainer.run([1, 1], max_epochs=1)  # bars can be drawn again, from the first line on
    assert terminal.rows() == ["$"]


def test_widgets_of_notebooks(trainer, monkeypatch):
    pytest.importorskip("ipywidgets", reason="ipywidgets is not installed: notebooks need it for bars")
    shown = []
    monkeypatch.setattr("tqdm.notebook.display", shown.append, raising=False)
    from tqdm.notebook import tqdm

    bar = ProgressBar(persist=True, file=io.StringIO(), mininterval=0)
    monkeypatch.setattr(bar, "_tqdm", tqdm)
    bar.attach(trainer, output_transform=lambda x: {"loss": x})
    trainer.run([0.5, 0.25])
    assert len(shown) == 1
    _, progress, right = shown[0].children
    assert (progress.value, progress.max, progress.bar_style) == (2.0, 2.0, "success")
    assert "loss=0.25" in right.value
