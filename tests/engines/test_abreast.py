"""Regions side by side: the same fills, in view first, stopped cleanly."""

import threading

import numpy as np
import pytest

from inpaint_studio.engines.abreast import fill_abreast
from inpaint_studio.engines.api import EngineSetup, Preview, Progress
from inpaint_studio.engines.placing import Place
from inpaint_studio.engines.regions import Region
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import RestoreOptions, restore
from inpaint_studio.imaging.fit import Fitting
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo


def place_at(top, left, side=10, margin=5):
    core = Box(top, left, top + side, left + side)
    crop = core.pad(margin)
    return Place(Region(core, crop), Fitting(crop.size, crop.size, crop.size), np.zeros((1, 1)))


class Filler:
    """Says when each place begins and ends."""

    def __init__(self, wait_for=0, fail_at=None):
        self.said = []
        self._lock = threading.Lock()
        self._barrier = threading.Barrier(wait_for) if wait_for else None
        self._fail_at = fail_at

    def __call__(self, place):
        self._say("begin", place)
        if self._barrier is not None:
            self._barrier.wait(10)
        yield Progress("Filling", 0.5)
        if place.region.core.top == self._fail_at:
            raise ValueError("no")
        yield Progress("Filling", 1.0)
        self._say("end", place)

    def _say(self, what, place):
        with self._lock:
            self.said.append((what, place.region.core.top))

    def order(self, what="begin"):
        return [top for said, top in self.said if said == what]


def test_places_far_apart_are_filled_at_the_same_time():
    filler = Filler(wait_for=2)  # neither goes on before the other has begun
    list(fill_abreast([place_at(0, 0), place_at(100, 0)], filler, at_once=2))
    assert sorted(filler.order("end")) == [0, 100]


def test_a_place_waits_for_those_before_it_that_it_sees():
    filler = Filler()
    list(fill_abreast([place_at(0, 0), place_at(12, 0), place_at(24, 0)], filler, at_once=3))
    assert filler.said == [(what, top) for top in (0, 12, 24) for what in ("begin", "end")]


@pytest.mark.parametrize("at_once", [1, 2])
def test_what_is_in_view_comes_first(at_once):
    places = [place_at(top, 0) for top in (0, 100, 200, 300)]
    filler = Filler()
    list(fill_abreast(places, filler, first=Box(205, 0, 400, 20), at_once=at_once))
    assert set(filler.order()[:2]) == {200, 300}
    assert set(filler.order()) == {0, 100, 200, 300}


def test_what_is_in_view_does_not_overtake_what_it_sees():
    places = [place_at(0, 0), place_at(100, 0), place_at(112, 0)]
    filler = Filler()
    list(fill_abreast(places, filler, first=Box(112, 0, 122, 10)))
    assert filler.order() == [0, 100, 112]


@pytest.mark.parametrize("at_once", [1, 2])
def test_progress_grows_over_all_places(at_once):
    places = [place_at(top, 0) for top in range(0, 500, 100)]
    done = [event.done for event in fill_abreast(places, Filler(), at_once=at_once)]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1)


def test_an_error_in_one_place_is_told_and_leaves_no_thread():
    before = threading.active_count()
    places = [place_at(top, 0) for top in (0, 100, 200)]
    with pytest.raises(ValueError, match="no"):
        list(fill_abreast(places, Filler(fail_at=100), at_once=2))
    assert threading.active_count() == before


def test_it_can_be_stopped_and_leaves_no_thread():
    before = threading.active_count()
    run = fill_abreast([place_at(top, 0) for top in range(0, 900, 100)], Filler(), at_once=2)
    next(run)
    run.close()
    assert threading.active_count() == before


def scene(seed=5):
    """Grain, and four small holes far apart in its corners."""
    grain = np.random.default_rng(seed).normal(0.5, 0.1, (330, 330, 3)).clip(0, 1)
    hole = np.zeros((330, 330), bool)
    for top in (10, 300):
        for left in (10, 300):
            hole[top : top + 16, left : left + 14] = True
    return Photo((grain * 255).astype(np.uint8)), hole


def test_fills_do_not_depend_on_cores_nor_on_what_is_in_view(finish, monkeypatch):
    photo, hole = scene()
    fills = set()
    for many, view in ((1, None), (3, None), (2, Box(290, 290, 330, 330))):
        monkeypatch.setattr("inpaint_studio.engines.restore.cores", lambda n=many: n)
        engine = open_engine("patchmatch", EngineSetup())
        options = RestoreOptions(seed=3, first=view)
        _, made = finish(restore(photo, Mask.from_hole(hole), engine, options=options))
        fills.add(made.patch.pixels.tobytes())
    assert len(fills) == 1


def test_the_hole_in_view_is_shown_before_the_others(finish, monkeypatch):
    monkeypatch.setattr("inpaint_studio.engines.restore.cores", lambda: 1)
    photo, hole = scene()
    engine = open_engine("patchmatch", EngineSetup())
    options = RestoreOptions(first=Box(300, 0, 330, 30))
    events, _ = finish(restore(photo, Mask.from_hole(hole), engine, options=options))
    first = next(event for event in events if isinstance(event, Preview))
    assert first.box.intersect(Box(300, 10, 316, 24)) == Box(300, 10, 316, 24)
