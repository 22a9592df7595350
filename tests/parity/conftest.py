"""What a parity run says at its end: how many names were compared with torch, and how often."""

from __future__ import annotations

from collections import Counter
from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Add up what the rows of the table of names have recorded."""
    sums: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed"):
        names: Counter[str] = Counter()
        for report in terminalreporter.stats.get(outcome, []):
            for key, value in getattr(report, "user_properties", []):
                if key == "compared":
                    names[value[0]] += value[1]
        sums[outcome] = names
    passed, failed = sums["passed"], sums["failed"]
    if passed or failed:
        whole = passed.keys() - failed.keys()
        terminalreporter.write_line(
            f"table of names: {len(whole)} names equal torch in {sum(passed.values())} comparisons of form, dtype and "
            f"layout; {len(failed)} names differ" + (f": {', '.join(sorted(failed))}" if failed else "")
        )
