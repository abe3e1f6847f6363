"""Which holes to test with, from a short text: `classes`, `kinds`, `strokes:0.2-0.3`, a folder."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from inpaint_studio.errors import MaskError, UsageError
from inpaint_studio.imaging.formats import READABLE_SUFFIXES
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Hole
from inpaint_studio.imaging.random_masks import (
    KINDS,
    RATIO_CLASSES,
    RatioRange,
    hole_within,
    random_hole,
    ratio_class,
)

CLASS_NAMES = tuple(f"{share.over:g}-{share.upto:g}" for share in RATIO_CLASSES)
BORDERS = {"": None, "border": True, "inside": False}
_TERM = re.compile(
    r"(?P<kind>[a-z]+)(?::(?P<over>0?\.\d+|0)-(?P<upto>0?\.\d+))?(?::(?P<border>border|inside))?"
)


@dataclass(frozen=True, slots=True, eq=False)
class TestMask:
    """One hole to fill: (H, W) bool. `group` is the row of the table it counts in; `name` tells it
    from the photo's other masks."""

    __test__ = False  # pytest takes it for a test otherwise

    name: str
    group: str
    hole: Hole


@dataclass(frozen=True, slots=True)
class Term:
    """Holes of one kind; of one share of the picture where `ratio` is set."""

    kind: str
    ratio: tuple[float, float] | None = None
    border: bool | None = None
    """Whether the holes touch the border; None: half of the photos have one that does."""

    @property
    def name(self) -> str:
        """What the table calls it."""
        if self.ratio is None:
            return self.kind
        share = f"{self.ratio[0]:g}-{self.ratio[1]:g}"
        return share if self.kind == "strokes" else f"{self.kind} {share}"


@dataclass(frozen=True, slots=True)
class DrawnMasks:
    """Masks drawn for each photo, one for each term. They depend on the photo's name and the seed,
    not on which other photos there are."""

    text: str
    terms: tuple[Term, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The rows of the table, in order."""
        return tuple(term.name for term in self.terms)

    def names(self, photo: str) -> tuple[str, ...]:
        """Names of the masks of one photo, before anything is drawn."""
        del photo  # every photo has the same
        return self.groups

    def draw(self, photo: str, *, size: Size, seed: int) -> Iterator[TestMask]:
        """The masks of one photo.

        Raises:
            UsageError: a kind cannot make holes of the wanted share.
        """
        number = crc32(photo.encode())
        for place, term in enumerate(self.terms):
            rng = np.random.default_rng([seed, number, crc32(term.name.encode())])
            contact = bool((number + place) % 2) if term.border is None else term.border
            yield TestMask(term.name, term.name, _draw(term, contact, size, rng))


@dataclass(frozen=True, slots=True)
class MaskFolder:
    """Masks from files, white = hole, one for each photo: the one of the photo's name if there is
    one, else one that the photo's name and the seed choose."""

    text: str
    files: tuple[Path, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The classes their holes may fall in."""
        return ("up to 0.01", *CLASS_NAMES, "over 0.6")

    def names(self, photo: str) -> tuple[str, ...]:
        """Empty: which one it is, is known when it is drawn."""
        del photo
        return ("",)

    def draw(self, photo: str, *, size: Size, seed: int) -> Iterator[TestMask]:
        """The one mask of a photo: its middle square, as of photos, scaled by nearest neighbour.

        Raises:
            MaskError: it cannot be read, marks nothing, or everything.
        """
        from inpaint_studio.imaging.files import read_mask

        path = self._choose(photo, seed)
        hole = _square(read_mask(path, size=None).mask.hole, size)
        if not hole.any() or hole.all():
            raise MaskError(f"The mask “{path.name}” marks {'all' if hole.any() else 'nothing'}.")
        yield TestMask("", _share_group(float(hole.mean())), hole)

    def _choose(self, photo: str, seed: int) -> Path:
        stem = Path(photo).stem
        same = next((path for path in self.files if path.stem == stem), None)
        return same or self.files[crc32(f"{seed}:{photo}".encode()) % len(self.files)]


MaskPlan = DrawnMasks | MaskFolder


def parse_masks(text: str) -> MaskPlan:
    """The plan that `text` names.

    `classes`: strokes in the six hole-ratio classes of Liu et al. 2018, half of them in contact
    with the border; `kinds`: one mask of every kind; a kind (`cracks`), a kind with a share
    (`strokes:0.2-0.3`), each also with `:border` or `:inside`, several joined by commas; or a
    folder of masks.

    Raises:
        UsageError: it is none of these; names what there is.
    """
    is_name = text in ("", "classes", "kinds", *KINDS)  # a folder so called is ./classes
    if not is_name and Path(text).is_dir():
        return _folder(Path(text))
    terms = tuple(dict.fromkeys(term for part in text.split(",") for term in _parse_part(part)))
    names = [term.name for term in terms]
    if len(set(names)) < len(names):
        raise UsageError(f"The masks “{text}” name the same holes twice, with and without border.")
    return DrawnMasks(text, terms)


def _parse_part(part: str) -> tuple[Term, ...]:
    name, _, border = part.strip().partition(":")
    if name == "classes" and border in BORDERS:
        return tuple(Term("strokes", share, BORDERS[border]) for share in RATIO_CLASSES)
    if name == "kinds" and not border:
        return tuple(Term(kind) for kind in KINDS)
    return (_parse_term(part.strip()),)


def _parse_term(text: str) -> Term:
    match = _TERM.fullmatch(text)
    if match is None or match["kind"] not in KINDS:
        raise UsageError(
            f"There are no masks “{text}”. Name classes, kinds, one of {', '.join(KINDS)}, a "
            "share such as strokes:0.2-0.3, or a folder of masks that exists."
        )
    if match["over"] is None:
        if match["border"]:
            raise UsageError(
                f"“{text}” needs a share: for instance {match['kind']}:0.1-0.2:border."
            )
        return Term(match["kind"])
    over, upto = float(match["over"]), float(match["upto"])
    if not over < upto <= 0.9:
        raise UsageError(f"“{text}” is not a share from small to large, up to 0.9.")
    return Term(match["kind"], (over, upto), BORDERS[match["border"] or ""])


def _folder(folder: Path) -> MaskFolder:
    suffixes = set(READABLE_SUFFIXES)
    files = tuple(p for p in sorted(folder.rglob("*")) if p.suffix.lower() in suffixes)
    if not files:
        raise UsageError(f"There are no masks in {folder}: put pictures there, white = hole.")
    return MaskFolder(str(folder), files)


def _square(hole: Hole, size: Size) -> Hole:
    import cv2

    height, width = hole.shape
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    cut = hole[top : top + short, left : left + short].astype(np.uint8)
    target = (size.width, size.height)
    return np.asarray(cv2.resize(cut, target, interpolation=cv2.INTER_NEAREST)) > 0


def _draw(term: Term, contact: bool, size: Size, rng: np.random.Generator) -> Hole:
    kind = KINDS[term.kind]
    if term.ratio is None:
        return random_hole(size, rng, kinds=(kind,))
    try:
        return hole_within(size, rng, ratio=RatioRange(*term.ratio), border=contact, kind=kind)
    except ValueError as error:
        raise UsageError(
            f"“{term.kind}” makes no holes of that share: {error}. Choose another share or kind."
        ) from None


def _share_group(share: float) -> str:
    found = ratio_class(share)
    if found is None:
        return "up to 0.01" if share <= 0.01 else "over 0.6"
    return f"{found.over:g}-{found.upto:g}"
