"""The mix of random holes that is trained on, from a seeded generator."""

from inpaint_studio.errors import TrainingError
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.random_masks import (
    KINDS,
    RATIO_CLASSES,
    Generator,
    Hole,
    RatioRange,
    hole_within,
    random_hole,
)
from inpaint_studio.training.config import Masks

_TRIES = 100
_BORDER = {"any": None, "touching": True, "clear": False}


def make_hole(side: int, rng: Generator, *, rules: Masks) -> Hole:
    """A (side, side) hole that obeys the rules.

    Raises:
        TrainingError: no kind they name makes such holes.
    """
    size, kinds = Size(side, side), [KINDS[name] for name in rules.kinds]
    try:
        if rules.balanced or rules.border != "any":
            ratio, kind = _ratio(rng, rules), kinds[int(rng.integers(len(kinds)))]
            return hole_within(size, rng, ratio=ratio, border=_BORDER[rules.border], kind=kind)
        for _ in range(_TRIES):
            hole = random_hole(size, rng, kinds=kinds, upto=rules.most)
            if hole.mean() > rules.least:
                return hole
    except ValueError as error:
        raise _impossible(rules) from error
    raise _impossible(rules)


def _ratio(rng: Generator, rules: Masks) -> RatioRange:
    if not rules.balanced:
        return RatioRange(rules.least, rules.most)
    within = [r for r in RATIO_CLASSES if r.upto > rules.least and r.over < rules.most]
    chosen = within[int(rng.integers(len(within)))]
    return RatioRange(max(chosen.over, rules.least), min(chosen.upto, rules.most))


def _impossible(rules: Masks) -> TrainingError:
    kinds = ", ".join(dict.fromkeys(rules.kinds))
    return TrainingError(
        f"No holes between {rules.least:g} and {rules.most:g} of the picture could be made of: "
        f"{kinds}; widen the range or name other kinds of mask."
    )
