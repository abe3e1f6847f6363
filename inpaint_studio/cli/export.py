"""`inpaint-studio export`: a project as a picture, without the window."""

import argparse
from pathlib import Path

from inpaint_studio.cli.parser import Verbs
from inpaint_studio.errors import UsageError

EXAMPLES = """\
examples:
  inpaint-studio export restored.ora -o restored.png
  inpaint-studio export restored.ora -o restored.tif --layers       (for Photoshop)
  inpaint-studio export restored.ora -o restored.tif --overwrite    (after more work in the window)

exit codes: 0 done and checked, 1 failed, 2 bad arguments, 130 stopped
"""

DESCRIPTION = """\
Lay the visible layers of a project (.ora) over its photo and save the result as a picture. The
saved file is read back and compared with the project's photo outside the layers.
"""


def add_parser(subparsers: Verbs) -> None:
    """Add `export` to the verbs of the command line."""
    parser = subparsers.add_parser(
        "export", help="save a project as a picture", description=DESCRIPTION
    )
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "project", type=Path, metavar="PROJECT", help="a project that the window saved (.ora)"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT",
                        help="where to save: .png, .tif, .webp or .jpg")  # fmt: skip
    parser.add_argument("--layers", action="store_true",
                        help="keep the layers in the TIFF, for Photoshop")  # fmt: skip
    parser.add_argument("--no-provenance", dest="provenance", action="store_false",
                        help="do not write into the file how its layers were made")  # fmt: skip
    parser.add_argument("--overwrite", action="store_true", help="replace a file that exists")
    parser.set_defaults(run=run)


def _check_project(source: Path) -> None:
    """A picture or a folder is told from a project that is damaged.

    Raises:
        UsageError: it is one of those.
    """
    from inpaint_studio.project.archive import is_project

    if source.is_dir():
        raise UsageError(f"{source} is a folder. Name a project (.ora) in it.")
    if source.is_file() and not is_project(source):
        raise UsageError(
            f"{source} is no project: projects are OpenRaster files (.ora). "
            "The window saves one with File > Save Project."
        )


def run(arguments: argparse.Namespace) -> int:
    """Open, flatten, save, read back, and say so."""
    from inpaint_studio.cli.outputs import check_outputs
    from inpaint_studio.document.export import (
        export_report,
        flatten_document,
        shown_layers,
        with_provenance,
    )
    from inpaint_studio.imaging.files import WriteOptions, read_photo, save_format, write_photo
    from inpaint_studio.project.layered_tiff import write_layered_tiff
    from inpaint_studio.project.reading import open_project

    out: Path = arguments.out
    if arguments.layers and save_format(out, WriteOptions()) != "tiff":
        raise UsageError(f"{out} cannot keep layers. Name a .tif, or leave out --layers.")
    source: Path = arguments.project
    _check_project(source)
    check_outputs(out, (), photo=source, others=(), overwrite=arguments.overwrite)
    opened = open_project(source)
    result = flatten_document(opened.document)
    if arguments.provenance:
        result = with_provenance(result, shown_layers(opened.document))
    if arguments.layers:
        write_layered_tiff(out, opened.document, result, overwrite=arguments.overwrite)
    else:
        write_photo(out, result, overwrite=arguments.overwrite)
    report = export_report(opened.document, read_photo(out), out)
    for sentence in (f"Saved {out}.", report.sentence, *opened.notes):
        print(sentence)  # noqa: T201
    return 0
