"""`inpaint-studio fill`: one photo, one mask, one restored file."""

import argparse
from dataclasses import dataclass, fields
from pathlib import Path

from inpaint_studio.cli.parser import Verbs, device_name, seed_number, whole_number
from inpaint_studio.cli.progress import open_reporter
from inpaint_studio.engines.registry import DEFAULT_ENGINE
from inpaint_studio.imaging.formats import Depth

DEPTHS: dict[str, Depth] = {"8": "uint8", "16": "uint16", "float": "float32"}

_PIXELS = whole_number(0, 100_000, "a number of pixels")
_VARIANTS = whole_number(1, 99, "a number of fills from 1 to 99")
_QUALITY = whole_number(1, 100, "a quality from 1 to 100")

SIDES = ("sides", "above-below", "left", "right", "above", "below")

DESCRIPTION = """\
Fill the masked part of a photo and save the result. Pixels outside the mask are kept bit for bit
in PNG, TIFF and lossless WebP; the saved file is read back to make sure.
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
    depth: Depth | None = None
    quality: int | None = None
    provenance: bool = True
    overwrite: bool = False
    json: bool = False
    quiet: bool = False


def add_parser(subparsers: Verbs) -> None:
    """Add `fill` to the verbs of the command line."""
    parser = subparsers.add_parser(
        "fill", help="fill the masked part of a photo", description=DESCRIPTION
    )
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="the photo to restore")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT",
                        help="where to save: .png, .tif, .webp or .jpg")  # fmt: skip
    _add_mask_options(parser)
    _add_engine_options(parser)
    _add_saving_options(parser)
    parser.set_defaults(run=run)


def _add_mask_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("mask")
    source = group.add_mutually_exclusive_group(required=True)
    source.add_argument("--mask", type=Path, metavar="MASK",
                        help="a grey picture of the photo's size; white is filled")  # fmt: skip
    source.add_argument("--mask-from-alpha", action="store_true",
                        help="fill where the photo itself is transparent")  # fmt: skip
    group.add_argument("--mask-sense", choices=("white", "black"), default="white",
                       help="which end of the mask is filled (default: white)")  # fmt: skip
    group.add_argument("--scale-mask", action="store_true",
                       help="scale a mask of another size to the photo")  # fmt: skip
    group.add_argument("--grow", type=_PIXELS, default=0, metavar="PX",
                       help="widen the mask by this many pixels")  # fmt: skip


def _add_engine_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("fill")
    group.add_argument("--engine", metavar="E",
                       help=f"see “engines” (default: {DEFAULT_ENGINE})")  # fmt: skip
    group.add_argument("--model", metavar="CARD", help="see “models list”")
    group.add_argument("--edges-in", type=Path, metavar="F",
                       help="fill from the edges in this picture, white on black")  # fmt: skip
    group.add_argument("--edges-out", type=Path, metavar="F",
                       help="save the edges the fill was made from")  # fmt: skip
    group.add_argument("--strength", type=_share, metavar="S",
                       help="how closely patches follow a drawing, 0 to 1")  # fmt: skip
    group.add_argument("--source", type=Path, metavar="F",
                       help="copy texture only from where this picture is white")  # fmt: skip
    group.add_argument("--avoid", type=Path, metavar="F",
                       help="never copy texture from where this picture is white")  # fmt: skip
    group.add_argument("--copy-from", choices=SIDES,
                       help="copy texture only from this side of the hole")  # fmt: skip
    group.add_argument("--mirrored", action="store_true", help="copy texture mirrored, too")
    group.add_argument("--turned", action="store_true", help="copy texture turned by quarters, too")
    group.add_argument("--variants", type=_VARIANTS, metavar="N",
                       help="make N fills, saved as OUT-1 to OUT-N")  # fmt: skip
    group.add_argument("--feather", type=_PIXELS, metavar="PX",
                       help="blend inwards over this many pixels (default: chosen)")  # fmt: skip
    group.add_argument("--context", type=_PIXELS, metavar="PX",
                       help="how far round a hole to look (default: chosen)")  # fmt: skip
    group.add_argument("--device", type=device_name, default="auto", metavar="D",
                       help="auto, cpu, cuda, cuda:1 or mps (default: auto)")  # fmt: skip
    group.add_argument("--seed", type=seed_number, default=0, metavar="N",
                       help="same seed, same device: same bytes (default: 0)")  # fmt: skip


def _add_saving_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("saving")
    group.add_argument("--depth", choices=tuple(DEPTHS), help="bits (default: the photo's own)")
    group.add_argument("--quality", type=_QUALITY, metavar="Q", help="1 to 100, for JPEG")
    group.add_argument("--no-provenance", dest="provenance", action="store_false",
                       help="do not write into the file how it was filled")  # fmt: skip
    group.add_argument("--overwrite", action="store_true", help="replace files that exist")
    group.add_argument("--sheet", type=Path, metavar="F",
                       help="also save before, mask, edges and after side by side")  # fmt: skip
    group.add_argument("--json", action="store_true", help="one JSON object to a line on stdout")
    group.add_argument("-q", "--quiet", action="store_true", help="no progress")


def parse(arguments: argparse.Namespace) -> FillArguments:
    """The typed form of what argparse read."""
    given = vars(arguments)
    known = {
        field.name: given[field.name] for field in fields(FillArguments) if field.name in given
    }
    known["white_fills"] = arguments.mask_sense == "white"
    known["depth"] = DEPTHS.get(arguments.depth)
    return FillArguments(**known)


def run(arguments: argparse.Namespace) -> int:
    """Fill, save, read back, and say so."""
    order = parse(arguments)
    with open_reporter(json_lines=order.json, quiet=order.quiet) as reporter:
        from inpaint_studio.cli.fill_steps import fill_file

        fill_file(order, reporter)
    return 0


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number from 0 to 1")
    return share
