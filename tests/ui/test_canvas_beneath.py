"""What lies below a change is kept: the picture is the same to the last bit, only sooner there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_studio.imaging.composite import Overlay, OverlayGroup, flatten
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.steps import exhausted
from inpaint_studio.ui.canvas.beneath import Beneath
from inpaint_studio.ui.canvas.overlays import OverlayPyramid, pile_up
from inpaint_studio.ui.canvas.pyramid import PatchPyramid, PatchPyramids

SIDE = 24
BOX = Box(0, 0, SIDE, SIDE)


def pixels_of(rng, dtype, channels=3, side=SIDE):
    if dtype == "float32":
        return rng.random((side, side, channels), dtype=np.float32) * 1.5
    return rng.integers(0, np.iinfo(dtype).max, (side, side, channels), dtype, endpoint=True)


def soft_patch(rng, dtype, *, at=(0, 0), side=SIDE):
    alpha = rng.integers(0, 256, (side, side), dtype=np.uint8)
    alpha[: side // 3] = rng.choice(np.array([0, 255], np.uint8))
    return Patch(pixels_of(rng, dtype, side=side), alpha, Point(*at))


def drawn(beneath, photo, overlays, pyramids, key="tile"):
    piled = pile_up(overlays, pyramids.of)
    return exhausted(beneath.flatten(key, photo.pixels, piled, 0, BOX))


def same_bits(one, other):
    return one.dtype == other.dtype and one.tobytes() == other.tobytes()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [3, 4])
@given(data=st.data())
def test_any_history_of_changes_looks_as_if_drawn_at_once(dtype, channels, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    photo = Photo(pixels_of(rng, dtype, channels))
    patches = [soft_patch(rng, dtype) for _ in range(4)]
    patches += [soft_patch(rng, dtype, at=(5, 9), side=8), soft_patch(rng, dtype)]
    whole = Patch(pixels_of(rng, dtype), np.full((SIDE, SIDE), 255, np.uint8), Point(0, 0))
    overlays: list[Overlay | OverlayGroup] = [Overlay(patch) for patch in (*patches[:5], whole)]
    overlays[2] = OverlayGroup((Overlay(patches[2]), Overlay(patches[5], 0.5)), 0.7)
    shown = [True] * 5 + [False]
    pyramids, beneath = PatchPyramids(), Beneath(budget=data.draw(st.sampled_from([0, 1 << 20])))
    pyramids.show([*patches, whole])
    for _ in range(data.draw(st.integers(2, 7))):
        place = data.draw(st.integers(0, 5))
        match data.draw(st.sampled_from(["toggle", "fade", "blend", "mask", "move"])):
            case "toggle":
                shown[place] = not shown[place]
            case "move":
                overlays.insert(data.draw(st.integers(0, 5)), overlays.pop(place))
            case "fade":
                opacity = data.draw(st.sampled_from([0.3, 1.0]))
                overlays[place] = overlays[place]._replace(opacity=opacity)
            case "blend" if isinstance(overlays[place], Overlay):
                blend = data.draw(st.sampled_from(["normal", "luminosity", "color"]))
                overlays[place] = overlays[place]._replace(blend=blend)
            case "mask" if isinstance(overlays[place], Overlay):
                keep = rng.integers(0, 256, overlays[place].patch.alpha.shape, dtype=np.uint8)
                overlays[place] = overlays[place]._replace(keep=keep)
        now = [one for one, seen in zip(overlays, shown, strict=True) if seen]
        assert same_bits(drawn(beneath, photo, now, pyramids), flatten(photo, now))


def test_what_lies_below_the_change_is_laid_once(rng, monkeypatch):
    photo = Photo(pixels_of(rng, "uint16"))
    overlays = [Overlay(soft_patch(rng, "uint16"), 0.5) for _ in range(6)]
    beneath, pyramids, cut = Beneath(), PatchPyramids(), []
    pyramids.show(overlay.patch for overlay in overlays)
    real = OverlayPyramid.cut

    def counted(self, level, box):
        cut.append(self.overlay.patch)
        return real(self, level, box)

    monkeypatch.setattr(OverlayPyramid, "cut", counted)
    counts = []
    for opacity in (0.5, 0.4, 0.3, 0.2):
        overlays[4] = replace_opacity(overlays[4], opacity)
        cut.clear()
        drawn(beneath, photo, overlays, pyramids)
        counts.append(len(cut))
    assert counts == [6, 6, 2, 2]  # the first change finds nothing kept yet
    assert beneath.nbytes == SIDE * SIDE * 3 * 4


def replace_opacity(overlay, opacity):
    return overlay._replace(opacity=opacity)


def test_no_more_is_kept_than_the_budget_allows(rng):
    photo = Photo(pixels_of(rng, "uint8"))
    overlays = [Overlay(soft_patch(rng, "uint8"), 0.5) for _ in range(4)]
    room = 3 * SIDE * SIDE * 3 * 4
    beneath, pyramids = Beneath(budget=room), PatchPyramids()
    pyramids.show(overlay.patch for overlay in overlays)
    for opacity in (0.5, 0.6):
        for tile in range(9):
            changed = [*overlays[:3], replace_opacity(overlays[3], opacity)]
            seen = drawn(beneath, photo, changed, pyramids, key=tile)
            assert same_bits(seen, flatten(photo, changed))
            assert beneath.nbytes <= room
    assert beneath.nbytes == room
    beneath.keep_only({0, 8})
    assert beneath.nbytes == room / 3
    beneath.clear()
    assert beneath.nbytes == 0


def test_a_patch_that_comes_back_is_not_reduced_again(rng):
    patches = [soft_patch(rng, "uint8", side=64) for _ in range(3)]
    pyramids = PatchPyramids()
    pyramids.show(patches)
    first = pyramids.of(patches[0])
    exhausted(first.build(3))
    pyramids.show(patches[1:])
    assert pyramids.of(patches[0]) is first
    pyramids.show(patches)
    assert pyramids.of(patches[0]) is first


def test_patches_nobody_shows_are_let_go_of_when_they_take_too_much(rng):
    patches = [soft_patch(rng, "uint8", side=64) for _ in range(5)]
    half = PatchPyramid(patches[0])
    exhausted(half.build(1))
    pyramids = PatchPyramids(budget=2 * half.nbytes)
    pyramids.show(patches)
    made = [pyramids.of(patch) for patch in patches]
    for pyramid in made:
        exhausted(pyramid.build(1))
    for shown in range(1, 6):
        pyramids.show(patches[shown:])
    kept = [pyramids.of(patch) is pyramid for patch, pyramid in zip(patches, made, strict=True)]
    assert kept == [False, False, False, True, True]
