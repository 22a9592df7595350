"""Names of checkpoint files: the default pattern, users' patterns, and filling them in."""

from __future__ import annotations

import string

_KEYS = ("filename_prefix", "ext", "name", "score", "score_name", "global_step")


def check_pattern(pattern: str) -> None:
    """Raise KeyError when the pattern has a key that nothing will fill."""
    for _, key, _, _ in string.Formatter().parse(pattern):
        if key is not None and key not in _KEYS:
            raise KeyError(f"filename_pattern {pattern!r}: {key!r} is not among {_KEYS}")


def default_pattern(prefix: bool, score: bool, score_name: bool, global_step: bool) -> str:
    """Return the pattern with the parts asked for.

    >>> default_pattern(prefix=False, score=True, score_name=True, global_step=True)
    '{name}_{global_step}_{score_name}={score}.{ext}'
    """
    if not score and not global_step:
        raise ValueError("file name: a score or a global step is needed to tell files apart, met neither")
    if score_name and not score:
        raise ValueError("file name: with_score_name=True needs with_score=True")
    parts = (
        (prefix, "{filename_prefix}"),
        (True, "{name}"),
        (global_step, "{global_step}"),
        (score, "{score_name}={score}" if score_name else "{score}"),
    )
    return "_".join(part for wanted, part in parts if wanted) + ".{ext}"


def render(
    pattern: str | None,
    name: str,
    *,
    filename_prefix: str,
    score: float | str | None,
    score_name: str | None,
    global_step: int | None,
    ext: str,
) -> str:
    """Fill in `pattern`, or the default one for the parts that there are; a float score gets four decimals."""
    if pattern is None:
        has_score = score is not None
        pattern = default_pattern(
            bool(filename_prefix), has_score, has_score and score_name is not None, global_step is not None
        )
    return pattern.format(
        filename_prefix=filename_prefix,
        ext=ext,
        name=name,
        score=f"{score:.4f}" if isinstance(score, float) else score,
        score_name=score_name,
        global_step=global_step,
    )
