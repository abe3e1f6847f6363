"""`inpaint-studio fill`: one photo, one mask, one restored file."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from inpaint_studio.cli.parser import Verbs, device_name, seed_number, whole_number
from inpaint_studio.cli.progress import open_reporter
from inpaint_studio.engines.registry import DEFAULT_ENGINE
from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.formats import Depth

DEPTHS: dict[str, Depth] = {"8": "uint8", "16": "uint16", "float": "float32"}

_PIXELS = whole_number(0, 100_000, "a number of pixels")
_VARIANTS = whole_number(1, 99, "a number of fills from 1 to 99")
_QUALITY = whole_number(1, 100, "a quality from 1 to 100")

SIDES = ("sides", "above-below", "left", "right", "above", "below")

FORMATS = ("png", "tif", "webp", "jpg")

DESCRIPTION = """\
Fill the masked part of a photo and save the result. Pixels outside the mask are kept bit for bit
in PNG, TIFF and lossless WebP; the saved file is read back to make sure.

With several photos, or a folder of them, -o is a folder, and --mask a folder of masks called like
their photos (photo.png or photo-mask.png for photo.jpg). One that fails does not stop the others,
what was saved before is left out, and a summary tells of both.
"""

EXAMPLES = """\
examples:
  inpaint-studio fill photo.tif --mask mask.png -o restored.tif
  inpaint-studio fill photo.jpg --mask mask.png -o restored.png --engine pconv --grow 4
  inpaint-studio fill cutout.png --mask-from-alpha -o filled.png --json
  inpaint-studio fill photos --mask masks -o restored               (a folder)
  inpaint-studio fill scans/*.tif --mask dust.png -o clean          (one mask for all)
  inpaint-studio fill photo.tif --mask mask.png -o try.tif --variants 3 --engine patchmatch

exit codes: 0 done and checked, 1 failed (any of several), 2 bad arguments, 130 stopped
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillArguments:
    """What `fill` was asked to do."""

    photo: Path
    out: Path
    mask: Path | None = None
    """None: the photo's own transparency is the mask."""
    white_fills: bool = True
    scale_mask: bool = False
    engine: str | None = None
    model: str | None = None
    edges_in: Path | None = None
    edges_out: Path | None = None
    sheet: Path | None = None
    grow: int = 0
    feather: int | None = None
    context: int | None = None
    device: str = "auto"
    seed: int = 0
    variants: int | None = None
    """How many fills to make, with seeds counting up from `seed`; None: one, saved as `out`."""
    strength: float | None = None
    """How closely patches follow what leads them, 0 to 1; None: as the engine sees fit."""
    source: Path | None = None
    """A picture, white where texture may be copied from; None: anywhere."""
    avoid: Path | None = None
    """A picture, white where texture must not be copied from; None: nowhere."""
    copy_from: str | None = None
    """The side of the hole to copy from, one of `SIDES`; None: all round."""
    mirrored: bool = False
    turned: bool = False
    format: str | None = None
    """The ending to save many photos with; None: each its own."""
    depth: Depth | None = None
    quality: int | None = None
    provenance: bool = True
    overwrite: bool = False
    json: bool = False
    quiet: bool = False


def add_parser(subparsers: Verbs) -> None:
    """Add `fill` to the verbs of the command line."""
    parser = subparsers.add_parser(
        "fill", help="fill the masked part of a photo, or of a folder of them",
        description=DESCRIPTION,
    )  # fmt: skip
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("photos", type=Path, nargs="+", metavar="PHOTO",
                        help="the photo to restore; several, or a folder of them")  # fmt: skip
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT",
                        help="where to save: .png, .tif, .webp or .jpg; for several photos a "
                        "folder, which is made")  # fmt: skip
    _add_mask_options(parser)
    _add_engine_options(parser)
    _add_source_options(parser)
    _add_edge_options(parser)
    _add_saving_options(parser)
    _add_output_options(parser)
    parser.set_defaults(run=run)


def _add_mask_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("mask")
    source = group.add_mutually_exclusive_group(required=True)
    source.add_argument("--mask", type=Path, metavar="MASK",
                        help="a picture of the photo's size, white where to fill; for several "
                        "photos a folder of masks called like them, or one for all")  # fmt: skip
    source.add_argument("--mask-from-alpha", action="store_true",
                        help="fill where the photo itself is transparent")  # fmt: skip
    group.add_argument("--mask-sense", choices=("white", "black"), default="white",
                       help="which end of the mask is filled (default: white)")  # fmt: skip
    group.add_argument("--scale-mask", action="store_true",
                       help="scale a mask of another size to the photo")  # fmt: skip
    group.add_argument("--grow", type=_PIXELS, default=0, metavar="PX",
                       help="widen the mask by this many pixels (default: 0)")  # fmt: skip


def _add_engine_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("engine")
    group.add_argument("--engine", metavar="E",
                       help=f"what to fill with; see “inpaint-studio engines” "
                       f"(default: {DEFAULT_ENGINE})")  # fmt: skip
    group.add_argument("--model", metavar="CARD",
                       help="weights for a network; see “inpaint-studio models list”")  # fmt: skip
    group.add_argument("--strength", type=_share, metavar="S",
                       help="how closely patches follow what leads them, 0 to 1 (engines with "
                       "“+patchmatch”; default: the engine's own)")  # fmt: skip
    group.add_argument("--seed", type=seed_number, default=0, metavar="N",
                       help="same seed, same device: same bytes (default: 0)")  # fmt: skip
    group.add_argument("--variants", type=_VARIANTS, metavar="N",
                       help="make N fills with seeds counting up, saved as OUT-1 to OUT-N",
                       )  # fmt: skip
    group.add_argument("--feather", type=_PIXELS, metavar="PX",
                       help="fade the fill into what lies under the mask, from the rim inwards "
                       "(default: not at all)")  # fmt: skip
    group.add_argument("--context", type=_PIXELS, metavar="PX",
                       help="how far round a hole to look (default: by its width)")  # fmt: skip
    group.add_argument("--device", type=device_name, default="auto", metavar="D",
                       help="auto, cpu, cuda, cuda:1 or mps (default: auto)")  # fmt: skip


def _add_source_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "where texture is copied from (patchmatch and engines with it)"
    )
    group.add_argument("--source", type=Path, metavar="F",
                       help="copy only from where this picture is white")  # fmt: skip
    group.add_argument("--avoid", type=Path, metavar="F",
                       help="never copy from where this picture is white")  # fmt: skip
    group.add_argument("--copy-from", choices=SIDES, metavar="SIDE",
                       help=f"copy only from this side: {', '.join(SIDES)}")  # fmt: skip
    group.add_argument("--mirrored", action="store_true", help="copy mirrored, too")
    group.add_argument("--turned", action="store_true", help="copy turned by quarters, too")


def _add_edge_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("edges (edgeconnect)")
    group.add_argument("--edges-in", type=Path, metavar="F",
                       help="fill from the edges in this picture, white on black")  # fmt: skip
    group.add_argument("--edges-out", type=Path, metavar="F",
                       help="save the edges the fill was made from")  # fmt: skip


def _add_saving_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("saving")
    group.add_argument("--overwrite", action="store_true",
                       help="replace files that exist, the photo included")  # fmt: skip
    group.add_argument("--format", choices=FORMATS, metavar="F",
                       help=f"for several photos: {', '.join(FORMATS)} (default: as each photo "
                       "is; png where that cannot be written)")  # fmt: skip
    group.add_argument("--depth", choices=tuple(DEPTHS), metavar="BITS",
                       help=f"{', '.join(DEPTHS)} (default: the photo's own)")  # fmt: skip
    group.add_argument("--quality", type=_QUALITY, metavar="Q",
                       help="1 to 100, for JPEG (default: 95) and WebP (default: lossless); PNG "
                       "and TIFF lose nothing, whatever it is")  # fmt: skip
    group.add_argument("--no-provenance", dest="provenance", action="store_false",
                       help="do not write into the file how it was filled")  # fmt: skip
    group.add_argument("--sheet", type=Path, metavar="F",
                       help="also save before, mask, edges and after side by side: .png, .jpg or "
                       ".webp")  # fmt: skip


def _add_output_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is printed")
    group.add_argument("--json", action="store_true", help="one JSON object to a line on stdout")
    group.add_argument("-q", "--quiet", action="store_true", help="no progress")


def parse(arguments: argparse.Namespace) -> FillArguments:
    """The typed form of what argparse read."""
    given = vars(arguments)
    known = {
        field.name: given[field.name] for field in fields(FillArguments) if field.name in given
    }
    known["photo"] = arguments.photos[0]
    known["white_fills"] = arguments.mask_sense == "white"
    known["depth"] = DEPTHS.get(arguments.depth)
    return FillArguments(**known)


def run(arguments: argparse.Namespace) -> int:
    """Fill, save, read back, and say so."""
    from inpaint_studio.cli.batch_jobs import means_many

    order = parse(arguments)
    if means_many(arguments.photos, order):
        return _run_many(arguments.photos, order)
    if order.format:
        raise UsageError(
            f"--format is for several photos. Leave it out: {order.out} says how to save."
        )
    with open_reporter(json_lines=order.json, quiet=order.quiet) as reporter:
        from inpaint_studio.cli.fill_steps import fill_file

        fill_file(order, reporter)
    return 0


def _run_many(photos: Sequence[Path], order: FillArguments) -> int:
    from inpaint_studio.cli.batch_progress import open_batch_reporter

    with open_batch_reporter(json_lines=order.json, quiet=order.quiet) as reporter:
        from inpaint_studio.cli.batch import fill_many

        return 0 if fill_many(photos, order, reporter) else 1


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number from 0 to 1")
    return share
