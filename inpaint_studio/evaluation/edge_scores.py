"""How well generated edges meet the true ones inside a hole, and how well chance would.

Two ways of counting. Within the tolerance: an edge agrees with another at most a pixel away. To the
pixel, as EdgeConnect's own measure does. Where true edges are dense most pixels have one near, and
lines drawn blindly agree with many: only what lies above the share by chance is the network's.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inpaint_studio.evaluation.metrics import Floats, Hole

EDGE_THRESHOLD = 0.5
"""From here on a generated edge map is taken to hold an edge."""
EDGE_TOLERANCE = 1
"""How many pixels, diagonals included, two edges may lie apart and still agree."""


class EdgeCounts(NamedTuple):
    """Pixels inside the hole, counted so that they can be summed over pictures."""

    generated: int = 0
    generated_right: int = 0
    """Generated ones with a true edge within the tolerance."""
    true: int = 0
    true_found: int = 0
    """True ones with a generated edge within the tolerance."""
    exact: int = 0
    """Generated ones that are true to the pixel."""
    hole: int = 0
    """All there are."""
    near_true: int = 0
    """All those, edges or not, with a true edge within the tolerance."""
    near_generated: int = 0
    """The same of generated edges."""

    def plus(self, other: "EdgeCounts") -> "EdgeCounts":
        """Both together."""
        return EdgeCounts(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def precision(self) -> float | None:
        """The share of generated edges that are right; None where none was generated."""
        return _share(self.generated_right, self.generated)

    @property
    def recall(self) -> float | None:
        """The share of true edges that were generated; None where there are none."""
        return _share(self.true_found, self.true)

    def shares(self) -> dict[str, float]:
        """All there is to say of them, by the names of the table's columns."""
        found = {
            "precision": self.precision,
            "recall": self.recall,
            "exact_precision": _share(self.exact, self.generated),
            "exact_recall": _share(self.exact, self.true),
            "chance_precision": _share(self.near_true, self.hole),
            "chance_recall": _share(self.near_generated, self.hole),
        }
        return {name: share for name, share in found.items() if share is not None}


def count_edges(generated: Floats, true: Floats, hole: Hole) -> EdgeCounts:
    """Compare generated edges with the Canny edges of the truth inside the hole.

    `generated` is (H, W) in [0, 1], an edge from `EDGE_THRESHOLD` on; `true` is (H, W), 1 = edge.
    An edge agrees with another at most `EDGE_TOLERANCE` pixels away, be that outside the hole.
    """
    drawn, wanted = generated >= EDGE_THRESHOLD, true >= EDGE_THRESHOLD
    here, there = drawn & hole, wanted & hole
    near_wanted, near_drawn = _widened(wanted), _widened(drawn)
    return EdgeCounts(
        generated=int(here.sum()),
        generated_right=int((here & near_wanted).sum()),
        true=int(there.sum()),
        true_found=int((there & near_drawn).sum()),
        exact=int((here & there).sum()),
        hole=int(hole.sum()),
        near_true=int((near_wanted & hole).sum()),
        near_generated=int((near_drawn & hole).sum()),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _widened(edges: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    import cv2

    reach = 2 * EDGE_TOLERANCE + 1
    return cv2.dilate(edges.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
