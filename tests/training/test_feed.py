"""What is trained on: found, decoded, cut, in an order that only seed and number decide."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inpaint_studio.errors import TrainingError
from inpaint_studio.training.config import Masks
from inpaint_studio.training.feed import Feed, MaskFolder, PackedPhotos, PhotoFiles
from inpaint_studio.training.masks import make_hole
from inpaint_studio.training.photos import find_photos, open_store, pack_photos, store_name


def finish(packing):
    while True:
        try:
            next(packing)
        except StopIteration as done:
            return done.value


@pytest.fixture
def files(photos):
    return PhotoFiles(find_photos([photos], []), 64, skip_small=False)


def feed_of(photos, *, crop=32, seed=3):
    return Feed(photos, Masks(), seed, crop)


def test_a_number_gives_the_same_crop_whatever_came_before(files):
    feed = feed_of(files)
    one, again = feed.batch(40, 4), Feed(files, Masks(), 3, 32).batch(40, 4)
    for name in ("photo", "edges", "hole"):
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
    assert not np.array_equal(one.hole, feed.batch(44, 4).hole)
    assert not np.array_equal(one.hole, feed_of(files, seed=4).batch(40, 4).hole)


def test_batches_made_ahead_are_those_of_their_steps(files):
    feed = feed_of(files)
    ahead = feed.batches(5, size=2, workers=3)
    for step in (5, 6, 7):
        np.testing.assert_array_equal(next(ahead).photo, feed.batch(2 * step, 2).photo)
    ahead.close()


def test_every_photo_comes_up_once_before_any_comes_again(files):
    seen = []
    files_that_tell = type("Telling", (), {})()
    files_that_tell.__class__.__len__ = lambda self: 5
    files_that_tell.runs = (5,)
    files_that_tell.cut = lambda index, rng, crop: (seen.append(index), np.zeros((8, 8, 4), "u1"))[
        1
    ]
    Feed(files_that_tell, Masks(), 1, 8).batch(0, 10)
    assert sorted(seen[:5]) == sorted(seen[5:]) == list(range(5))
    assert seen[:5] != seen[5:]


@pytest.mark.parametrize("packed", [True, False])
def test_unreadable_photos_are_skipped_and_listed(photos, tmp_path, packed):
    (photos / "broken.png").write_bytes(b"not a picture")
    (photos / "empty.jpg").write_bytes(b"")
    paths = find_photos([photos], [])
    if packed:
        unreadable = finish(pack_photos(paths, tmp_path / "p.bin", side=64))
        source = PackedPhotos(open_store(tmp_path / "p.bin"), skip_small=False)
        assert len(source) == 5
    else:
        source = PhotoFiles(paths, 64, skip_small=False)
        unreadable = source.skipped
    feed_of(source).batch(0, 14)
    assert sorted(path.name for path in unreadable) == ["broken.png", "empty.jpg"]


def test_small_photos_are_mirrored_or_skipped(photos):
    tiny = np.zeros((20, 90, 3), np.uint8)
    tiny[:10] = 200
    cv2.imwrite(str(photos / "tiny.png"), tiny)
    paths = (photos / "tiny.png",)
    cut = PhotoFiles(paths, 64, skip_small=False).cut(0, np.random.default_rng(0), crop=40)
    assert cut.shape == (40, 40, 4)
    np.testing.assert_array_equal(cut[:20, :, :3], cut[20:, :, :3][::-1])
    assert PhotoFiles(paths, 64, skip_small=True).cut(0, np.random.default_rng(0), crop=40) is None
    with pytest.raises(TrainingError, match='set small = "reflect"'):
        feed_of(PhotoFiles(paths, 64, skip_small=True), crop=40).batch(0, 1)


def test_photos_are_found_in_subfolders_and_lists(photos, tmp_path):
    (photos / "deeper").mkdir()
    (photos / "0.png").rename(photos / "deeper" / "0.PNG")
    listing = tmp_path / "list.txt"
    listing.write_text("# these\n\nphotos/1.png\nphotos/2.png\n")
    assert len(find_photos([photos], [])) == 5
    assert find_photos([], [listing]) == (photos / "1.png", photos / "2.png")


def test_a_list_may_name_photos_in_any_bytes_but_must_be_text(tmp_path):
    listing = tmp_path / "list.txt"
    listing.write_bytes(b"caf\xe9.png\n# none\n\n")
    [photo] = find_photos([], [listing])
    assert photo == tmp_path / b"caf\xe9.png".decode("utf-8", "surrogateescape")
    listing.write_bytes(b"PK\x03\x04\x00\x00")
    with pytest.raises(TrainingError, match=r"list\.txt is not a text file"):
        find_photos([], [listing])


def test_no_photos_is_one_sentence(tmp_path):
    with pytest.raises(TrainingError, match="no photos"):
        find_photos([tmp_path], [])
    with pytest.raises(TrainingError, match="does not exist"):
        find_photos([tmp_path / "none"], [])
    with pytest.raises(TrainingError, match=r"list of photos .* could not be read"):
        find_photos([], [tmp_path / "none.txt"])


def test_packing_that_is_stopped_leaves_nothing(photos, tmp_path):
    packing = pack_photos(find_photos([photos], []), tmp_path / "s" / "p.bin", side=64)
    next(packing)
    packing.close()
    assert list((tmp_path / "s").iterdir()) == []


def test_a_changed_photo_asks_for_packing_anew(photos):
    paths = find_photos([photos], [])
    before = store_name(paths, side=64)
    assert store_name(paths, side=64) == before
    assert store_name(paths, side=32) != before
    (photos / "0.png").write_bytes(b"another")
    assert store_name(paths, side=64) != before


def test_masks_come_from_a_folder(tmp_path, rng):
    mask = np.zeros((50, 80), np.uint8)
    mask[20:] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    hole = MaskFolder((tmp_path / "mask.png",)).hole(32, rng)
    assert hole.shape == (32, 32)
    assert hole[-1].all()
    assert not hole[0].any()
    with pytest.raises(TrainingError, match="could not be read"):
        MaskFolder((Path("none.png"),)).hole(32, rng)


@pytest.mark.parametrize("border", ["clear", "touching"])
def test_holes_obey_the_rules(rng, border):
    rules = Masks(kinds=("strokes",), balanced=True, least=0.1, most=0.3, border=border)
    for _ in range(10):
        hole = make_hole(64, rng, rules=rules)
        rim = np.concatenate([hole[0], hole[-1], hole[:, 0], hole[:, -1]])
        assert 0.1 < hole.mean() <= 0.3
        assert rim.any() == (border == "touching")


def test_impossible_holes_are_one_sentence(rng):
    with pytest.raises(TrainingError, match=r"between 0.55 and 0.6 .* could be made of: scratches"):
        make_hole(256, rng, rules=Masks(kinds=("scratches",), least=0.55, most=0.6))
