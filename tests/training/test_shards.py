"""Tar shards: found, indexed once, read where they lie; broken members are skipped and listed."""

import io
import tarfile

import cv2
import numpy as np
import pytest

from inpaint_studio.errors import TrainingError, UsageError
from inpaint_studio.training.config import Masks, Photos, read_config
from inpaint_studio.training.feed import Feed, Part
from inpaint_studio.training.session import run_training
from inpaint_studio.training.shards import ShardPhotos, find_shards, index_shards, open_index


def add(tar, name, content):
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


@pytest.fixture
def shards(tmp_path, rng):
    """Three shards of four pictures each, every picture of one grey; one member is broken."""
    folder = tmp_path / "set"
    folder.mkdir()
    for shard in range(3):
        with tarfile.open(folder / f"train-{shard:03}.tar", "w") as tar:
            for number in range(4):
                grey = 10 + 20 * (4 * shard + number)
                _, png = cv2.imencode(".png", np.full((48, 60, 3), grey, np.uint8))
                content = b"broken" if (shard, number) == (1, 2) else png.tobytes()
                add(tar, f"{number:05}.png", content)
                add(tar, f"{number:05}.cls", b"7")
    return folder


def finish(run):
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value


def open_photos(shards, tmp_path):
    paths = find_shards([str(shards / "train-{000..002}.tar")])
    assert finish(index_shards(paths, tmp_path / "i.npz")) == ()
    return ShardPhotos(open_index(paths, tmp_path / "i.npz"), 0, skip_small=False)


def test_patterns_name_shards(shards):
    three = find_shards([str(shards / "train-{000..002}.tar")])
    assert [path.name for path in three] == ["train-000.tar", "train-001.tar", "train-002.tar"]
    assert find_shards([str(shards / "*.tar")]) == three
    with pytest.raises(TrainingError, match="There are no shards at"):
        find_shards([str(shards / "test-{000..002}.tar")])


def test_pictures_are_read_from_their_members_and_broken_ones_listed(shards, tmp_path):
    photos = open_photos(shards, tmp_path)
    assert len(photos) == 12
    assert photos.runs == (4, 4, 4)
    rng = np.random.default_rng(0)
    greys = [photos.cut(index, rng, crop=32) for index in range(12)]
    assert [None if cut is None else int(cut[0, 0, 0]) for cut in greys] == [
        *range(10, 130, 20), None, *range(150, 250, 20)
    ]  # fmt: skip
    assert photos.skipped == {f"{shards / 'train-001.tar'}/00002.png"}


def test_a_seed_gives_an_order_that_parts_share(shards, tmp_path):
    photos = open_photos(shards, tmp_path)
    feed = Feed(photos, Masks(), 3, 32)
    batches = feed.batches(0, size=6, workers=1)
    joint = [next(batches) for _ in range(2)]
    batches.close()
    seen = sorted(int(value) for batch in joint for value in batch.photo[:, 0, 0, 0])
    assert len(set(seen)) == 11  # each once, but what stands in for the broken one
    again = Feed(open_photos(shards, tmp_path), Masks(), 3, 32)
    halves = [again.batches(1, size=3, workers=1, part=Part(n, 2)) for n in range(2)]
    both = np.concatenate([next(half).photo for half in halves])
    np.testing.assert_array_equal(both, joint[1].photo)
    for half in halves:
        half.close()


def test_a_shard_that_breaks_off_gives_what_it_has(shards, tmp_path):
    whole = (shards / "train-002.tar").read_bytes()
    (shards / "train-002.tar").write_bytes(whole[:1600])  # in the midst of its second picture
    paths = find_shards([str(shards / "*.tar")])
    damaged = finish(index_shards(paths, tmp_path / "i.npz"))
    assert damaged == (str(shards / "train-002.tar"),)
    assert 8 < len(open_index(paths, tmp_path / "i.npz")) < 12


def test_shards_without_pictures_are_one_sentence(tmp_path):
    (tmp_path / "a.tar").write_bytes(b"no tar at all")
    with pytest.raises(TrainingError, match="None of the 1 shards holds pictures"):
        finish(index_shards((tmp_path / "a.tar",), tmp_path / "i.npz"))
    assert not (tmp_path / "i.npz").exists()


def test_few_shards_are_gone_through_at_a_time():
    from inpaint_studio.training.feed import _order

    order = _order(1, 0, (10,) * 40)
    assert sorted(order) == list(range(400))
    for first in range(0, 400, 80):
        assert len({int(index) // 10 for index in order[first : first + 80]}) == 8
    assert not np.array_equal(order, _order(1, 1, (10,) * 40))


def test_a_run_on_shards_resumes_exactly(shards, config_for, trained, tmp_path):
    def config(name):
        photos = {"shards": [str(shards / "*.tar")], "folders": [], "short_side": 0}
        return config_for("pconv", out=str(tmp_path / name), photos=photos, run={"steps": 4})

    whole, outcome = trained(run_training(config("whole"), device="cpu"))
    run = run_training(config("parts"), device="cpu")
    first = []
    while len(first) < 2:
        event = next(run)
        if hasattr(event, "losses"):
            first.append(dict(event.losses))
    run.close()
    second, _ = trained(run_training(config("parts"), device="cpu", resume=True))
    assert first + second == whole
    listed = tmp_path / "whole" / "skipped.txt"  # there if the damaged picture's turn came at all
    skipped = listed.read_text().split() if listed.exists() else []
    assert outcome.unreadable == len(skipped) <= 1


def test_a_config_has_shards_or_folders(tmp_path):
    path = tmp_path / "c.toml"
    text = 'stage = "pconv"\nout = "o"\n[photos]\nshards = ["a.tar"]\n{}[run]\nsteps = 1\n'
    path.write_text(text.format(""))
    assert read_config(path).photos.shards == (str(tmp_path / "a.tar"),)
    path.write_text(text.format('folders = ["b"]\n'))
    with pytest.raises(UsageError, match="either shards, or folders and lists in line 4"):
        read_config(path)
    assert Photos().shards == ()
