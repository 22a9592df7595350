"""Memory shared between torch and sparkle."""

from __future__ import annotations

import pytest
import torch

import sparkle


def test_from_torch():
    theirs = torch.arange(6.0).reshape(2, 3)
    ours = sparkle.from_dlpack(theirs)
    theirs[0, 0] = 9.0
    assert ours[0, 0] == 9.0
    ours[1, 1] = 7.0
    assert theirs[1, 1] == 7.0


def test_from_an_old_capsule_which_cannot_say_that_its_memory_may_be_written():
    theirs = torch.arange(3.0)
    with pytest.warns(UserWarning, match="not writable"):
        ours = sparkle.utils.dlpack.from_dlpack(torch.utils.dlpack.to_dlpack(theirs))
    theirs[0] = 9.0
    assert ours[0] == 9.0


@pytest.mark.parametrize("pass_on", [lambda x: x, sparkle.utils.dlpack.to_dlpack])
def test_to_torch(pass_on):
    ours = sparkle.arange(6.0).reshape(2, 3).t()
    theirs = torch.from_dlpack(pass_on(ours))
    assert theirs.stride() == ours.stride()
    ours[0, 0] = 9.0
    assert theirs[0, 0] == 9.0
    theirs[1, 1] = 7.0
    assert ours[1, 1] == 7.0


def test_numpy_between_them():
    ours = sparkle.ones(2)
    theirs = torch.from_numpy(ours.numpy())
    theirs.fill_(3)
    assert ours.tolist() == [3.0, 3.0]
