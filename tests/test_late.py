"""Parts that are loaded when they are first asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sparkle


def test_distributions_wait_until_asked_for():
    program = """
import sys, sparkle
assert "sparkle.distributions" not in sys.modules
sparkle.distributions.Normal
assert "sparkle.distributions" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_fit_waits_until_asked_for():
    program = """
import sys, sparkle
assert not any(name.startswith(("sparkle.training", "sparkle.metrics", "tqdm", "tensorboardX")) for name in sys.modules)
assert sparkle.fit.__module__ == "sparkle.training.fit"
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_unknown_name_is_named():
    with pytest.raises(AttributeError, match="module 'sparkle' has no attribute 'tensr'"):
        sparkle.tensr  # noqa: B018 - asking is the point
