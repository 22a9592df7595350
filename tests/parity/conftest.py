"""What a parity run says at its end: how many names and classes were compared with torch, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from torch.overrides import _get_current_function_mode_stack

TABLES = {
    "compared": ("table of names", "names", "names equal torch in {} comparisons of form, dtype and layout"),
    "module": ("table of modules", "classes", "classes equal torch in {} comparisons"),
}


@pytest.fixture(autouse=True)
def _no_mode_of_torch_is_left_on() -> Iterator[None]:
    """Under one, as a device that was entered leaves behind, some of torch's functions drop arguments."""
    yield
    assert not _get_current_function_mode_stack()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Add up what the rows of the tables have recorded."""
    for key, (table, things, equal) in TABLES.items():
        passed, failed = (recorded(terminalreporter, outcome, key) for outcome in ("passed", "failed"))
        if passed or failed:
            whole = passed.keys() - failed.keys()
            terminalreporter.write_line(
                f"{table}: {len(whole)} {equal.format(sum(passed.values()))}; {len(failed)} {things} differ"
                + (f": {', '.join(sorted(failed))}" if failed else "")
            )


def recorded(terminalreporter: Any, outcome: str, key: str) -> Counter[str]:
    """How often each name was compared, of the tests that came out so."""
    names: Counter[str] = Counter()
    for report in terminalreporter.stats.get(outcome, []):
        for met, value in getattr(report, "user_properties", []):
            if met == key:
                names[value[0]] += value[1]
    return names
