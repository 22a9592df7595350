"""Bad input to modules: the class of torch's error, and a message that shows what was met and what was wanted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch

import sparkle
from tests.cases.wrong import WRONG

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("row", WRONG, ids=str)
def test_refused_as_in_torch(row: Any) -> None:
    theirs: type[Exception] | None = None
    try:
        row.call(torch)
    except Exception as error:
        theirs = type(error)
    assert (theirs is not row.error) if row.unlike else theirs, "torch takes it, or refuses it alike"
    with pytest.raises(row.error or theirs or Exception) as ours:
        row.call(sparkle)
    missing = [text for text in row.shown if text not in str(ours.value)]
    assert not missing, f"{missing} not in: {ours.value}"


def test_every_family_has_rows_that_show_values() -> None:
    counts = Counter(row.family for row in WRONG if row.shown)
    assert min(counts.values()) >= 5, counts
