"""What is asked of a contestant, what it answers, and the memory that took."""

import sys
from dataclasses import dataclass
from pathlib import Path

from inpaint_studio.evaluation.metrics import Floats, Hole, Picture


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """`picture` is (H, W, 3) uint8 with the hole painted over; `hole` is (H, W) bool."""

    picture: Picture
    hole: Hole
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """What came of a job."""

    picture: Picture
    seconds: float
    """From the known pixels to the filled picture; opening an engine, or starting a program that
    serves, is not counted, starting any other program is."""
    edges: Floats | None = None
    """(H, W) in [0, 1] where the engine draws edges."""
    peak_bytes: int | None = None
    """The most memory its process had at once so far; None where the system does not tell."""
    gpu_bytes: int | None = None


def peak_bytes(*, children: bool = False) -> int | None:
    """The most memory (resident set) this process, or the largest it waited for, ever had.

    On Linux its own comes from VmHWM: `ru_maxrss` would count what the parent had at the fork.
    """
    if not children and (own := peak_bytes_of("self")):
        return own
    try:
        import resource
    except ImportError:  # Windows
        return None
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    peak = resource.getrusage(who).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def peak_bytes_of(process: int | str) -> int | None:
    """The most memory that a running process ever had; None where only Linux could tell."""
    status = Path("/proc", str(process), "status")
    if not status.exists():
        return None
    lines = status.read_text().splitlines()
    line = next((line for line in lines if line.startswith("VmHWM")), None)
    return int(line.split()[1]) * 1024 if line else None
