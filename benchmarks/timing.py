"""How long a call takes: warmed up, then sampled until the fastest sample stands still or the time is over.

The fastest sample is what the call costs; the others are that and whatever else the machine was doing.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

SAMPLE = 0.01  # seconds; a sample of fast calls holds as many as fill this
WARM_UP = 0.5  # seconds, at least; kernels are compiled and caches filled in it
SHORTEST, LONGEST = 2.0, 4.0  # seconds of sampling: longer than most spells in which cores are far apart
FEWEST = 8  # samples
STABLE = 0.02  # how much faster than all of the first half a sample of the second may be


def seconds_per_call(call: Callable[[], object], share: float = 1.0) -> float:
    """Seconds of one call. share: of the time that is spent on measuring it."""
    calls = warm_up(call, share)

    def sample() -> float:
        start = perf_counter()
        for _ in range(calls):
            call()
        return (perf_counter() - start) / calls

    return stable_minimum(sample, share)


def warm_up(call: Callable[[], object], share: float = 1.0) -> int:
    """Call for a while; how many calls fill one sample."""
    start, fastest = perf_counter(), float("inf")
    calls = 0
    while calls < 3 or perf_counter() - start < share * WARM_UP:
        before = perf_counter()
        call()
        fastest = min(fastest, perf_counter() - before)
        calls += 1
    return max(1, round(SAMPLE / max(fastest, 1e-9)))


def stable_minimum(sample: Callable[[], float], share: float = 1.0) -> float:
    """The fastest of some samples, each of which gives seconds per call."""
    start, samples = perf_counter(), [sample()]
    while True:
        elapsed = (perf_counter() - start) / share
        if elapsed > LONGEST or (elapsed > SHORTEST and len(samples) >= FEWEST and is_stable(samples)):
            return min(samples)
        samples.append(sample())


def is_stable(samples: list[float]) -> bool:
    """Whether the second half was hardly faster than the first."""
    middle = len(samples) // 2
    return min(samples[:middle]) <= (1 + STABLE) * min(samples[middle:])
