"""Every row of the table of names against torch, in each form, dtype and layout."""

from __future__ import annotations

import warnings
from itertools import zip_longest

import numpy as np
import pytest
import torch

import sparkle
from tests.cases.table import LAYOUTS, ROWS

# What torch says when it lacks a kernel or a derivative; a result here is then no difference.
NO_KERNEL = (
    *("not implemented for", "is not implemented", "Could not run", "not supported for"),
    "Unsupported input type",
)
MISUSE = (RuntimeError, IndexError, ValueError)
TOLERANCE = {"float16": (1e-2, 1e-2), "float32": (1e-4, 1e-5), "float64": (1e-9, 1e-10)}

TABLE = [(row, form) for row in ROWS for form in row.forms(torch)]


def places(row, form):
    """All dtypes, and all layouts of two of them; functions all of both."""
    for dtype in row.dtypes:
        for layout in row.layouts:
            if form == "function" or layout == "contiguous" or dtype in ("float32", "int64"):
                yield dtype, layout


def outcome(L, row, form, dtype, layout):
    """Results and gradients, or the error."""
    inputs = row.inputs(L, dtype, layout, row.grad and dtype != "float16")
    arguments, keywords = row.filled(L, dtype, [tensor for _, tensor in inputs])
    try:
        result = row.call(L, form, arguments, keywords)
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        backward(L, results)
    except Exception as error:
        return error
    return [*results, *(leaf.grad for leaf, _ in inputs)]


def backward(L, results):
    """Gradients of a sum with weights that differ from element to element."""
    tracked = [t for t in results if isinstance(t, L.Tensor) and t.requires_grad]
    if tracked:
        sum((t * t.detach().cos()).sum() for t in tracked).backward()


def difference(ours, theirs, rtol, atol):
    """What differs, in words; None where nothing does."""
    if isinstance(theirs, torch.dtype):
        ours, theirs = (str(dtype).split(".")[-1] for dtype in (ours, theirs))
    if not isinstance(theirs, torch.Tensor):
        return None if ours == theirs else f"{ours!r}, torch gives {theirs!r}"
    if not isinstance(ours, sparkle.Tensor):
        return f"{ours!r}, torch gives a tensor"
    for fact in ("dtype", "shape", "requires_grad"):
        a, b = (str(getattr(t, fact)).split(".")[-1] for t in (ours, theirs))
        if a != b:
            return f"{fact} {a}, torch has {b}"
    a, b = ours.detach().numpy(), theirs.numpy(force=True)
    if np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True):
        return None
    return f"{a.tolist()}, torch gives {b.tolist()}"


def may_differ(row, layout, error):
    """Inputs without elements or dimensions trip torch in one place or another; here the message must name the op."""
    name = row.name.rpartition(".")[2]
    return layout in ("empty", "0-d") and isinstance(error, MISUSE) and name in str(error)


def complaint(row, form, dtype, layout):
    """What sparkle does that torch does not; None where they agree."""
    theirs, ours = (outcome(L, row, form, dtype, layout) for L in (torch, sparkle))
    if isinstance(theirs, Exception):
        if any(text in str(theirs) for text in NO_KERNEL):
            return None
        if not isinstance(ours, Exception):
            return f"gives a result, torch raises {type(theirs).__name__}: {str(theirs).splitlines()[0]}"
        same = isinstance(ours, type(theirs)) or (may_differ(row, layout, ours) and isinstance(theirs, MISUSE))
        return None if same else f"raises {ours!r}, torch {type(theirs).__name__}: {str(theirs).splitlines()[0]}"
    if isinstance(ours, Exception):
        if layout == "empty" and isinstance(ours, NotImplementedError) and "not implemented for" in str(ours):
            return None  # nor has torch a kernel, but it does not look for one where there is nothing to do
        return f"raises {ours!r}, torch does not"
    rtol, atol = TOLERANCE.get(dtype, (1e-5, 1e-6))
    pairs = list(zip_longest(ours, theirs))
    found = [difference(a, b, max(rtol, row.rtol or 0), max(atol, row.atol or 0)) for a, b in pairs]
    return next((f"result {i}: {text}" for i, text in enumerate(found) if text), None)


@pytest.mark.parametrize(("row", "form"), TABLE, ids=[f"{row.name} {form}" for row, form in TABLE])
def test_equals_torch(row, form, record_property):
    assert form in row.forms(sparkle), f"torch has {row.name} as {form}"
    complaints, count = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for dtype, layout in places(row, form):
            count += 1
            text = complaint(row, form, dtype, layout)
            if text:
                complaints.append(f"{dtype}, {layout}: {text}")
    record_property("compared", [row.name, count])
    assert not complaints, f"{len(complaints)} of {count} differ\n" + "\n".join(complaints[:12])


def test_every_layout_is_tried():
    assert {layout for row, form in TABLE for _, layout in places(row, form)} == set(LAYOUTS)
