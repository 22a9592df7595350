"""The figures as text and in short: tables, means, the worst rows."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import geometric_mean
from typing import Any

UNITS = ((1.0, "s "), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))

Result = dict[str, Any]


def shown(seconds: float) -> str:
    """Seconds in the largest unit that leaves a whole part."""
    size, unit = next((pair for pair in UNITS if seconds >= pair[0]), UNITS[-1])
    return f"{seconds / size:6.2f} {unit}"


def table(results: list[Result]) -> str:
    """Times and ratios."""
    width = max(len(result["title"]) for result in results)
    lines = [f"{'':{width}}  {'sparkle':>9}  {'peer':>9}  ratio (above 1: sparkle is faster)"]
    for result in results:
        ours, theirs = shown(result["sparkle_seconds"]), shown(result["peer_seconds"])
        lines.append(f"{result['title']:{width}}  {ours}  {theirs}  {result['ratio']:5.2f} x {result['peer']}")
    return "\n".join(lines)


def memory_table(results: list[Result]) -> str:
    """Peak memory of the training rows; '' where the system does not tell."""
    rows = [result for result in results if result["training"] and "peak_bytes" in result]
    if not rows:
        return ""
    width = max(len(result["title"]) for result in rows)
    lines = [f"{'peak memory in MB':{width}}  {'the row itself':^16}  {'whole process':^16}"]
    lines.append(f"{'':{width}}  {'sparkle':>8}{'peer':>8}  {'sparkle':>8}{'peer':>8}")
    for result in rows:
        figures = (
            result[kind][library] / 1e6 for kind in ("peak_bytes", "process_bytes") for library in libraries(result)
        )
        lines.append(f"{result['title']:{width}}  {{:8.1f}}{{:8.1f}}  {{:8.0f}}{{:8.0f}}".format(*figures))
    return "\n".join(lines)


def libraries(result: Result) -> tuple[str, str]:
    return "sparkle", result["peer"]


def groups(results: list[Result]) -> Iterator[tuple[str, list[Result]]]:
    """The rows that are summed up together. JAX is a second peer of rows that stand beside torch already."""
    yield "training rows", [result for result in results if result["training"]]
    for peer in ("torch", "ignite", "jax"):
        yield f"rows beside {peer}", [result for result in results if result["peer"] == peer]
    yield "all rows beside torch and ignite", [result for result in results if result["peer"] != "jax"]


def summary(results: list[Result]) -> dict[str, dict[str, Any]]:
    """For each group that has rows: how many, the geometric mean of their ratios, the worst row and its ratio."""
    found = {}
    for name, rows in groups(results):
        if rows:
            worst = min(rows, key=lambda result: result["ratio"])
            mean = geometric_mean(result["ratio"] for result in rows)
            found[name] = {"rows": len(rows), "mean": mean, "worst": worst["row"], "worst_ratio": worst["ratio"]}
    return found


def summary_lines(found: dict[str, dict[str, Any]]) -> str:
    """The summary as text."""
    width = max(map(len, found))
    text = "{:{}}  {rows:3}  geometric mean {mean:5.2f}, worst {worst_ratio:5.2f} ({worst})"
    return "\n".join(text.format(name, width, **figures) for name, figures in found.items())


def footprint_lines(found: dict[str, dict[str, float]]) -> str:
    """Import time and installed size as text."""
    seconds = (f"import {library} {shown(of['import_seconds'])}" for library, of in found.items())
    sizes = (f"{library} {of['installed_bytes'] / 1e6:.0f} MB" for library, of in found.items())
    return f"{', '.join(seconds)}\ninstalled with all that is required: {', '.join(sizes)}"
