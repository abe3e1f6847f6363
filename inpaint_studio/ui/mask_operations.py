"""The operations on the mask that can be set while they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from inpaint_studio.steps import exhausted
from inpaint_studio.ui.live_mask import Field, LiveOperation, MaskView, Values

if TYPE_CHECKING:
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.imaging.selection import Color
    from inpaint_studio.imaging.selection_defects import Tones
    from inpaint_studio.ui.canvas.picture import PictureSource

_TONES: tuple[Tones, ...] = ("both", "bright", "dark")


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("MaskOperations", text)


def _amount(view: MaskView, values: Values) -> int:
    """Pixels of the view the user set in pixels of the photo; at least one, to be seen."""
    return max(1, round(values["px"] * view.scale))


def _pixels(label: str, value: int, high: int) -> tuple[Field, ...]:
    tip = tr("Pixels of the photo, 1 to {0}").format(high)
    return (Field("px", label, tip, 1, high, value, tr(" px")),)


def grow(value: int) -> LiveOperation:
    from inpaint_studio.imaging.maskops import grow_coverage

    return LiveOperation(
        tr("Grow mask"),
        tr("Widens the mask on all sides."),
        _pixels(tr("&Grow by"), value, 500),
        lambda view, values: grow_coverage(view.mask, _amount(view, values)),
    )


def shrink(value: int) -> LiveOperation:
    from inpaint_studio.imaging.maskops import shrink_coverage

    return LiveOperation(
        tr("Shrink mask"),
        tr("Narrows the mask on all sides."),
        _pixels(tr("&Shrink by"), value, 500),
        lambda view, values: shrink_coverage(view.mask, _amount(view, values)),
    )


def feather(value: int) -> LiveOperation:
    from inpaint_studio.imaging.selection_shape import feather as soften

    return LiveOperation(
        tr("Feather mask"),
        tr("Softens the outline, so that a fill blends into what lies around it."),
        _pixels(tr("&Feather by"), value, 250),
        lambda view, values: soften(view.mask, values["px"] * view.scale),
    )


def smooth(value: int) -> LiveOperation:
    from inpaint_studio.imaging.selection_shape import smooth as round_off

    return LiveOperation(
        tr("Smooth mask"),
        tr("Rounds corners, and drops specks and pinholes."),
        _pixels(tr("&Smooth by"), value, 100),
        lambda view, values: round_off(view.mask, values["px"] * view.scale),
    )


def border(value: int) -> LiveOperation:
    from inpaint_studio.imaging.selection_shape import border as outline

    return LiveOperation(
        tr("Border"),
        tr("Keeps only a band along the outline of the mask."),
        _pixels(tr("&Width"), value, 200),
        lambda view, values: outline(view.mask, _amount(view, values)),
    )


def similar() -> LiveOperation:
    from inpaint_studio.imaging.selection import similar_colors

    tip = tr("How far a colour may be from those in the mask, 0 to 100")
    return LiveOperation(
        tr("Select similar"),
        tr("Selects all colours that are common in the mask, anywhere in the photo."),
        (Field("tolerance", tr("&Tolerance"), tip, 0, 100, 12),),
        lambda view, values: similar_colors(view.pixels, view.mask, values["tolerance"]),
        looks=True,
        how="add",
    )


def color_range(colors: Callable[[], Sequence[Color]]) -> LiveOperation:
    """`colors` says which colours were picked so far."""
    from inpaint_studio.imaging.selection import color_range as like

    tip = tr("How far colours may be from those picked, 0 to 200; the outer half fades out")
    return LiveOperation(
        tr("Colour range"),
        tr("Click on colours of the photo. Shift adds one, Alt takes one away."),
        (Field("fuzziness", tr("&Fuzziness"), tip, 0, 200, 40),),
        lambda view, values: like(view.pixels, colors(), values["fuzziness"]),
        looks=True,
        how="add",
    )


def defects() -> LiveOperation:
    from inpaint_studio.imaging.selection_defects import DefectSearch, find_defects

    def find(view: MaskView, values: Values) -> Coverage:
        search = DefectSearch(
            values["sensitivity"], values["width"], _TONES[values["tones"]], values["rim"]
        )
        return find_defects(view.pixels, search, scale=view.scale)

    return LiveOperation(
        tr("Select scratches and dust"),
        tr("Finds thin and small marks that stand out. Zoom to 100 % (1) to see them exactly."),
        (
            Field(*("sensitivity", tr("&Sensitivity"), tr("More finds fainter marks"), 0, 100, 50)),
            Field(
                *("width", tr("&Widest mark"), tr("Marks wider than this are left"), 2, 60, 6),
                tr(" px"),
            ),
            Field(
                *("rim", tr("&Grow by"), tr("Marks fade at their edge: take some more"), 0, 10, 1),
                tr(" px"),
            ),
            Field(
                "tones",
                tr("&Marks are"),
                tr("Scratches in negatives are bright, cracks in paint are dark"),
                choices=(tr("Bright or dark"), tr("Bright"), tr("Dark")),
            ),
        ),
        find,
        looks=True,
        how="add",
    )


def difference(other: PictureSource, name: str) -> LiveOperation:
    """`other` is the second photo, called `name`, in the size of the one that is open."""
    from inpaint_studio.imaging.maskops import grow_coverage
    from inpaint_studio.imaging.selection_difference import find_difference

    def find(view: MaskView, values: Values) -> Coverage:
        seen = exhausted(other.seen(view.level, view.box))
        found = find_difference(
            *(view.pixels, seen),
            threshold=values["threshold"],
            smallest=values["smallest"],
            scale=view.scale,
        )
        return grow_coverage(found, round(values["rim"] * view.scale))

    apart = tr("How many levels of 255 a pixel has to differ by")
    return LiveOperation(
        tr("Select difference"),
        tr("Selects where the photo differs from {0}.").format(name),
        (
            Field("threshold", tr("&Threshold"), apart, 0, 254, 24),
            Field(
                *("smallest", tr("&Smallest spot"), tr("Smaller spots are left out"), 0, 2000, 12),
                tr(" px²"),
            ),
            Field(
                *("rim", tr("&Grow by"), tr("Differences fade at their edge"), 0, 30, 2),
                tr(" px"),
            ),
        ),
        find,
        looks=True,
        how="add",
    )
