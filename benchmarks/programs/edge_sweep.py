"""Precision and recall of an edge generator inside holes, for many thresholds, as likelihood and as
lines.

    python benchmarks/programs/edge_sweep.py [--photos DIR] [--limit 40] [--share 0.25-0.35]
        [--side 256] [--card studio-edgeconnect]

The generator runs at --side, and is judged there: true edges are those of Canny (sigma 2) in the
photo of that size. An edge agrees within a pixel; "exact" is to the pixel. "By chance" moves the
drawn edges 37 rows and 53 columns on: what as many edges of the same shape reach blind.
"""

import argparse
import os
from pathlib import Path

import numpy as np

from inpaint_studio.engines.api import EngineSetup, FillRequest
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.errors import PhotoError
from inpaint_studio.evaluation.edge_scores import EdgeCounts, count_edges
from inpaint_studio.evaluation.masks import parse_masks
from inpaint_studio.evaluation.photos import blanked, list_photos, load_square
from inpaint_studio.imaging.edges import canny, lines_of, rgb_to_grey
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.weights.library import open_library

RAW = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
LINES = ((0.1, 0.2), (0.15, 0.25), (0.15, 0.3), (0.2, 0.3), (0.2, 0.4), (0.3, 0.4), (0.3, 0.5))
AWAY = (37, 53)


def ways(likelihood: np.ndarray) -> dict[str, np.ndarray]:
    """Edge maps of zeros and ones by name."""
    maps = {f"from {at:g}": (likelihood >= at).astype(np.float32) for at in RAW}
    for low, high in LINES:
        maps[f"lines {low:g} / {high:g}"] = lines_of(likelihood, low=low, high=high)
    return maps


def line(name: str, counts: EdgeCounts, blind: EdgeCounts) -> str:
    here, chance = counts.shares(), blind.shares()
    keys = ("precision", "recall", "exact_precision", "exact_recall")
    cells = [f"{100 * here.get(key, 0):.1f}" for key in keys]
    cells += [f"{100 * chance.get(key, 0):.1f}" for key in keys[:2]]
    amount = counts.generated / max(1, counts.true)
    return f"| {name} | {' | '.join(cells)} | {amount:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = Path(os.environ.get("INPAINT_STUDIO_DATA", "../shared/data"))
    parser.add_argument("--photos", type=Path, default=data / "photos" / "eval")
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--share", default="0.25-0.35")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--card", default="studio-edgeconnect")
    wanted = parser.parse_args()
    library, side = open_library(), wanted.side
    card = library.find(wanted.card)
    engine = open_engine("edgeconnect", EngineSetup(card, library.files(card), "cpu"))
    engine.line_thresholds = ()  # the likelihood itself
    plan = parse_masks(f"strokes:{wanted.share}")
    totals: dict[str, EdgeCounts] = {}
    blind: dict[str, EdgeCounts] = {}
    for name in list_photos(wanted.photos, seed=0, limit=wanted.limit):
        try:
            picture = load_square(wanted.photos / name, side)
        except PhotoError:
            continue
        [mask] = plan.draw(name, size=Size(side, side), seed=0)
        shown = blanked(picture, mask.hole).astype(np.float32) / 255
        request = FillRequest(shown, mask.hole, options={"edge_merge": "merged"})
        drawn, true = engine.find_edges(request), canny(rgb_to_grey(picture))
        for way, edges in ways(drawn).items():
            away = np.where(mask.hole, np.roll(edges, AWAY, (0, 1)), edges)
            for into, one in ((totals, edges), (blind, away)):
                counts = count_edges(one, true, mask.hole)
                into[way] = into.get(way, EdgeCounts()).plus(counts)
    print("| edge where | precision | recall | exact precision | exact recall ", end="")
    print("| precision by chance | recall by chance | drawn per true |\n|---|" + "---:|" * 7)
    for way, counts in totals.items():
        print(line(way, counts, blind[way]))


if __name__ == "__main__":
    main()
