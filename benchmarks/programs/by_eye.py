"""Sheets to look at: input, each peer, ours and the truth, whole and at the seam, worst first.

    python benchmarks/programs/by_eye.py --out SHEETS [--photos DIR] [--large DIR] [--limit 30]

Each photo gets one object-shaped hole; of the large ones the middle 1536 by 1024 pixels are taken
as they are. Fills are kept in SHEETS/fills, so that a stopped run goes on. Each sheet is a JPEG;
`order.csv` lists them by the VGG-11 distance of the first of --who, with everybody's.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parents[1]))
from one_fill import filler
from peers import GMIC, MODULES, present

from inpaint_studio.evaluation.masks import DrawnMasks, Term
from inpaint_studio.evaluation.perceptual import find_feature_file, open_meter
from inpaint_studio.evaluation.photos import blanked, list_photos
from inpaint_studio.imaging.color import to_working
from inpaint_studio.imaging.files import read_photo
from inpaint_studio.imaging.geometry import Size

CELL = 300
"""Width of a picture on a sheet."""
SEAM = 100
"""Side of the part at the seam that is shown enlarged."""
GAP = 6
TEXT = 18
MIDDLE = (1024, 1536)
"""What is taken of a large photo, rows and columns."""


def pictures(folder: Path, *, limit: int | None, cut: bool) -> Iterator[tuple[str, np.ndarray]]:
    """Names and 8-bit sRGB pixels, in an order shuffled by seed 0."""
    for name in list_photos(folder, seed=0, limit=limit):
        photo = read_photo(folder / name)
        pixels = photo.color
        if cut:
            top, left = ((a - b) // 2 for a, b in zip(pixels.shape, MIDDLE, strict=False))
            pixels = pixels[top : top + MIDDLE[0], left : left + MIDDLE[1]]
        working = to_working(np.ascontiguousarray(pixels), photo.profile)
        yield name, np.rint(np.clip(working, 0, 1) * 255).astype(np.uint8)


def everything(wanted: argparse.Namespace) -> Iterator[tuple[str, np.ndarray]]:
    """The photos, then the parts of the large ones, where there are any."""
    yield from pictures(wanted.photos, limit=wanted.limit, cut=False)
    if wanted.large.is_dir():
        yield from pictures(wanted.large, limit=None, cut=True)


def hole_for(name: str, picture: np.ndarray) -> np.ndarray:
    """The shape of an object, 3 to 10 % of the picture, away from the border."""
    plan = DrawnMasks("objects", (Term("objects", (0.03, 0.1), border=False),))
    height, width = picture.shape[:2]
    [mask] = plan.draw(name, size=Size(height, width), seed=0)
    return mask.hole


def fill_with(who: str, picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """One fill by one of them."""
    if who not in GMIC:
        return filler(MODULES.get(who, f"engine:{who}"))(picture, hole)
    with tempfile.TemporaryDirectory() as folder:
        photo, mask, out = (str(Path(folder, f"{n}.png")) for n in ("photo", "mask", "out"))
        Image.fromarray(picture).save(photo)
        Image.fromarray(hole.astype(np.uint8) * 255).save(mask)
        words = ["gmic", "-v", "-", photo, mask, *GMIC[who].split(), "o[0]", out]
        subprocess.run(words, check=True)
        return np.asarray(Image.open(out).convert("RGB"))


def kept(path: Path, who: str, picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """The fill of an earlier run, or a new one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(fill_with(who, picture, hole)).save(path, compress_level=1)
    return np.asarray(Image.open(path))


def seam_of(truth: np.ndarray, hole: np.ndarray) -> tuple[slice, slice]:
    """A square at the rim, where the photo has most to continue."""
    grey = cv2.GaussianBlur(truth.mean(axis=2).astype(np.float32), (0, 0), 2)
    slope = cv2.magnitude(cv2.Sobel(grey, -1, 1, 0), cv2.Sobel(grey, -1, 0, 1))
    body = hole.astype(np.uint8)
    rim = cv2.dilate(body, np.ones((3, 3), np.uint8)) - body
    row, column = np.unravel_index(np.argmax(cv2.blur(slope, (31, 31)) * rim), rim.shape)
    top = int(np.clip(row - SEAM // 2, 0, rim.shape[0] - SEAM))
    left = int(np.clip(column - SEAM // 2, 0, rim.shape[1] - SEAM))
    return slice(top, top + SEAM), slice(left, left + SEAM)


def surroundings(hole: np.ndarray) -> tuple[slice, slice]:
    """The hole with as much again around it."""
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    parts = []
    for places, side in ((rows, hole.shape[0]), (columns, hole.shape[1])):
        margin = (places[-1] - places[0]) // 2 + 16
        parts.append(slice(max(0, places[0] - margin), min(side, places[-1] + margin)))
    return parts[0], parts[1]


def sheet(columns: dict[str, np.ndarray], hole: np.ndarray) -> Image.Image:
    """Titles, the surroundings of the hole, and below them a part of the seam, enlarged."""
    whole, seam = surroundings(hole), seam_of(columns["truth"], hole)
    height = round(CELL * hole[whole].shape[0] / hole[whole].shape[1])
    canvas = Image.new("RGB", ((CELL + GAP) * len(columns), TEXT + height + GAP + CELL), "white")
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(TEXT - 4)
    for place, (title, pixels) in enumerate(columns.items()):
        left = place * (CELL + GAP)
        pen.text((left + 2, 0), title, "black", font)
        near = Image.fromarray(np.ascontiguousarray(pixels[whole]))
        canvas.paste(near.resize((CELL, height), Image.Resampling.LANCZOS), (left, TEXT))
        close = Image.fromarray(np.ascontiguousarray(pixels[seam]))
        close = close.resize((CELL, CELL), Image.Resampling.NEAREST)
        canvas.paste(close, (left, TEXT + height + GAP))
    return canvas


def marked(picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """The hole in red."""
    shown = picture.copy()
    shown[hole] = (235, 60, 60)
    return shown


def save_small(canvas: Image.Image, path: Path, *, most: int = 150_000) -> None:
    """As good a JPEG as fits into so many bytes."""
    for quality in range(88, 20, -6):
        canvas.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= most:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = Path(os.environ.get("INPAINT_STUDIO_DATA", "../shared/data"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=Path, default=data / "photos" / "eval")
    parser.add_argument("--large", type=Path, default=data / "large")
    parser.add_argument("--limit", type=int, default=30)
    parser.add_argument("--who", nargs="+", default=[
        "auto", "patchmatch", "pypatchmatch", "gmic-matchpatch", "biharmonic", "opencv-telea",
    ])  # fmt: skip
    wanted = parser.parse_args()
    who, missing = present(wanted.who)
    print("\n".join(missing), file=sys.stderr)
    meter = open_meter(find_feature_file())
    wanted.out.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, truth in everything(wanted):
        hole, stem = hole_for(name, truth), f"{Path(name).stem[:40]}-{crc32(name.encode()):08x}"
        shown = blanked(truth, hole)
        fills = {
            one: kept(wanted.out / "fills" / f"{stem}-{one}.png", one, shown, hole) for one in who
        }
        wants = meter.look(truth)
        apart = {one: meter.distance(meter.look(fill), wants, hole) for one, fill in fills.items()}
        titles = {f"{one}  {apart[one]:.3f}": fill for one, fill in fills.items()}
        canvas = sheet({"hole": marked(truth, hole), **titles, "truth": truth}, hole)
        save_small(canvas, wanted.out / f"{stem}.jpg")
        lines.append([apart[who[0]], stem, name, *(f"{apart[one]:.4f}" for one in who)])
        print(*lines[-1], flush=True)
    with (wanted.out / "order.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["worst", "sheet", "photo", *who])
        writer.writerows(sorted(lines, reverse=True))


if __name__ == "__main__":
    main()
