"""Mask texts mean what the help says; the same seed and photo give the same holes."""

import numpy as np
import pytest
from PIL import Image

from inpaint_studio.errors import MaskError, UsageError
from inpaint_studio.evaluation.masks import parse_masks
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.random_masks import KINDS, RATIO_CLASSES, touches_border

SIZE = Size(64, 64)


def draw(text, photo="a.png", seed=0):
    return list(parse_masks(text).draw(photo, size=SIZE, seed=seed))


def test_classes_have_their_share_and_half_touch_the_border():
    contacts = []
    for photo in ("a.png", "b.png"):
        for mask, ratio in zip(draw("classes", photo), RATIO_CLASSES, strict=True):
            assert ratio.over < mask.hole.mean() <= ratio.upto
            contacts.append(touches_border(mask.hole))
    assert sum(contacts) == 6


@pytest.mark.parametrize(("sort", "contact"), [("border", True), ("inside", False)])
def test_classes_of_one_sort(sort, contact):
    assert {touches_border(mask.hole) for mask in draw(f"classes:{sort}")} == {contact}


def test_kinds_and_lists():
    assert [mask.group for mask in draw("kinds")] == list(KINDS)
    found = draw("cracks, blobs:0.1-0.2:inside")
    assert [mask.group for mask in found] == ["cracks", "blobs 0.1-0.2"]
    assert 0.1 < found[1].hole.mean() <= 0.2


def test_holes_depend_on_seed_and_name_only():
    first, again, other, later = (
        draw("classes", *which) for which in (("a", 1), ("a", 1), ("b", 1), ("a", 2))
    )
    for one, same, photo, seed in zip(first, again, other, later, strict=True):
        np.testing.assert_array_equal(one.hole, same.hole)
        assert (one.hole != photo.hole).any()
        assert (one.hole != seed.hole).any()


@pytest.mark.parametrize(
    "text",
    ["", "blobbs", "strokes:0.3-0.2", "strokes:0.1-0.95", "cracks:border", "classes:up", "a,b"],
)
def test_nonsense_is_one_sentence(text):
    with pytest.raises(UsageError, match=r"\.$"):
        parse_masks(text)


def test_a_share_a_kind_cannot_have_is_said():
    with pytest.raises(UsageError, match="halves"):
        draw("halves:0.1-0.2")


@pytest.fixture
def folder(tmp_path):
    for name, share in (("photo", 8), ("other", 24)):
        mask = np.zeros((64, 128), np.uint8)
        mask[:share] = 255
        Image.fromarray(mask).save(tmp_path / f"{name}.png")
    return tmp_path


def test_masks_from_a_folder_go_with_photos_of_their_name(folder):
    [mask] = draw(str(folder), "sub/photo.jpg")
    assert mask.hole.mean() == 8 / 64
    assert mask.group == "0.1-0.2"
    assert draw(str(folder), "zebra.jpg")[0].hole.mean() in (8 / 64, 24 / 64)


def test_an_empty_mask_and_an_empty_folder_are_said(tmp_path):
    with pytest.raises(UsageError, match="no masks in"):
        parse_masks(str(tmp_path))
    Image.new("L", (64, 64)).save(tmp_path / "black.png")
    with pytest.raises(MaskError, match=r"black\.png"):
        draw(str(tmp_path))
