"""The one sentence about what a saved file does to pixels outside the mask. No numpy."""

from collections.abc import Callable


def promise(
    *, changed: int | None, total: int, lossless: bool, kind: str, say: Callable[[str], str] = str
) -> str:
    """What a person is told, in the window and on the command line.

    `changed` of `total` pixels differ outside the mask, counted in the file as it was read back;
    None where the file holds numbers of another depth or kind. `kind` names the format. `say`
    translates a sentence with gaps in it.
    """
    if not lossless:
        share = 100 * (changed or 0) / max(1, total)
        told = say(
            "{0} encodes every pixel anew: outside the mask {1} % of all pixels changed a little. "
            "PNG and TIFF change none."
        )
        if changed is None:
            told = say("{0} encodes every pixel anew. PNG and TIFF change none outside the mask.")
        return told.format(kind, f"{share:.0f}")
    if changed is None:
        return say(
            "The photo's pixels were converted to another depth or kind of colour, so its numbers "
            "differ everywhere."
        )
    return say("{0} pixels changed outside the mask (checked in the file).").format(f"{changed:,}")
