"""What a run does next, and what may tell it to stop."""

from __future__ import annotations

from enum import Enum, auto

# The bits of the one word that the loop looks at to learn whether it has to do anything but go on.
TERMINATE, TERMINATE_EPOCH, INTERRUPT = 1, 2, 4
RELOAD = 8  # where the batches come from has changed: other data, or somebody now listens to the fetching of batches
SKIP_COMPLETED, SKIP_EPOCH_COMPLETED = 16, 32
STOP = TERMINATE | TERMINATE_EPOCH | INTERRUPT
PAUSE_ITERATION, PAUSE_EPOCH = 64, 128  # `Engine.step`: return after this iteration, after this epoch
PAUSE = PAUSE_ITERATION | PAUSE_EPOCH


class Step(Enum):
    """What a run does next. All that it takes to go on after an interruption."""

    START = auto()  # fire STARTED
    EPOCH = auto()  # begin an epoch, if there is one more
    OPEN = auto()  # EPOCH_STARTED was fired: open the data
    FETCH = auto()  # fire GET_BATCH_STARTED
    DRAW = auto()  # read the next batch
    ENDED = auto()  # the data has ended
    RENEW = auto()  # DATALOADER_STOP_ITERATION was fired: iterate the data anew
    DELIVER = auto()  # the batch is there, GET_BATCH_COMPLETED was fired: begin the iteration
    PROCESS = auto()  # ITERATION_STARTED was fired: call the process function
