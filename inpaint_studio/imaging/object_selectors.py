"""Who finds the object that was boxed or clicked on: GrabCut, or what other packages bring along.

A package registers a selector by an entry point; its name is what the user chooses it by:

    [project.entry-points."inpaint_studio.object_selectors"]
    "Segment Anything" = "their_package.module:selector"

The object that is named has the two methods of `ObjectSelector`. It is imported when it is first
used, on a thread of the window's process; a network should run in a process of its own, as the
engines do, and report that it can be stopped by yielding.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final, Protocol, cast

import numpy as np

from inpaint_studio.errors import StudioError
from inpaint_studio.imaging.geometry import Box, Point, Size
from inpaint_studio.imaging.selection import Selecting
from inpaint_studio.imaging.selection_objects import Seen

GROUP: Final = "inpaint_studio.object_selectors"
GRABCUT: Final = "GrabCut"
_BUILT_IN: Final = {GRABCUT: "inpaint_studio.imaging.selection_objects"}


class ObjectSelector(Protocol):
    """Finds objects; both end in the (H, W) uint8 coverage of a photo of `size`."""

    def object_in(self, picture: Seen, size: Size, box: Box) -> Selecting:
        """The object in a box."""
        ...

    def object_at(self, picture: Seen, size: Size, at: Point, *, around: Box) -> Selecting:
        """The object at a point, as far as it lies in `around`."""
        ...


def selector_names() -> tuple[str, ...]:
    """What there is to choose from, GrabCut first; nothing is imported."""
    others = sorted(entry_points(group=GROUP).names - _BUILT_IN.keys())
    return (*_BUILT_IN, *others)


def open_selector(name: str) -> ObjectSelector:
    """The selector of that name.

    Raises:
        StudioError: there is none, or it cannot be imported.
    """
    if name in _BUILT_IN:
        return cast("ObjectSelector", import_module(_BUILT_IN[name]))
    found = list(entry_points(group=GROUP, name=name))
    if not found:
        raise StudioError(f"“{name}” is not installed any more: choose another object selector.")
    try:
        return cast("ObjectSelector", found[0].load())
    except Exception as error:
        raise _failure(name, error) from error


def run_selector(name: str, size: Size, ask: Callable[[ObjectSelector], Selecting]) -> Selecting:
    """What `ask` has the selector of that name find in a photo of `size`.

    Raises:
        StudioError: it failed, whatever it failed with, or found no coverage of the photo.
    """
    selector = open_selector(name)
    try:
        coverage = yield from ask(selector)
    except StudioError:
        raise
    except Exception as error:
        raise _failure(name, error) from error
    if getattr(coverage, "shape", None) != size or coverage.dtype != np.uint8:
        raise _failure(name, ValueError("what it returned is no mask of the photo"))
    return coverage


def _failure(name: str, error: Exception) -> StudioError:
    what = str(error) or type(error).__name__
    return StudioError(f"“{name}” could not select the object ({what}): choose another selector.")
