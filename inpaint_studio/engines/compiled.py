"""numba as this program uses it: compiled on first use, kept on disk, free of Python's lock."""

import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba
from numba.core import config

from inpaint_studio.paths import cache_dir

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")

if getattr(sys, "frozen", False):  # no source beside which numba would keep what it compiled
    config.CACHE_DIR = str(cache_dir() / "compiled")  # pyright: ignore[reportAttributeAccessIssue]


def compiled(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Compile a loop over arrays to machine code.

    Threads run it side by side. Sums may be taken in any order, but always in the same one on the
    same machine.
    """
    return numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")(function)


def thread_count() -> int:
    """Threads to share work among: the cores this process may use, or NUMBA_NUM_THREADS."""
    return int(getattr(config, "NUMBA_NUM_THREADS", 1))
