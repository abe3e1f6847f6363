import pickle
from types import MappingProxyType

import numpy as np
import pytest

from inpaint_studio.engines.api import EngineSetup
from inpaint_studio.engines.restore import RestoreOptions
from inpaint_studio.engines.task import EngineShelf, FillTask, run_fill
from inpaint_studio.errors import MaskError, UsageError
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo


@pytest.fixture
def shelf(fake_engine):
    class Opened(list):
        def __call__(self, name, setup):
            self.append((name, setup))
            return fake_engine()

    opened = Opened()
    return EngineShelf(opener=opened), opened


@pytest.fixture
def task(rgb):
    hole = np.zeros(rgb.shape[:2], bool)
    hole[30:40, 50:60] = True
    options = RestoreOptions(seed=3, options={"radius": 4})
    return FillTask(Photo(rgb), Mask.from_hole(hole), "telea", restore_options=options)


def test_a_task_survives_the_way_to_another_process(task, finish):
    sent = pickle.loads(pickle.dumps(task))
    assert sent.restore_options.options == {"radius": 4}
    _, here = finish(run_fill(task))
    _, there = finish(run_fill(sent))
    assert np.array_equal(here.patch.pixels, there.patch.pixels)
    assert here.patch.at == (30, 50)
    assert pickle.loads(pickle.dumps(here)).patch.at == (30, 50)


def test_an_engine_is_opened_once_for_the_same_setup(shelf, task, finish):
    shelf, opened = shelf
    finish(run_fill(task, shelf))
    finish(run_fill(task, shelf))
    assert len(opened) == 1


def test_weights_that_changed_on_disk_are_opened_again(shelf, tmp_path):
    shelf, opened = shelf
    path = tmp_path / "generator.safetensors"
    setup = EngineSetup(files=MappingProxyType({"generator": path}))
    for content in (b"one", b"other"):
        path.write_bytes(content)
        shelf.take("pconv", setup)
    assert len(opened) == 2


def test_the_engine_used_longest_ago_makes_room(shelf):
    shelf, opened = shelf
    setup = EngineSetup()
    for name in ("telea", "navier-stokes", "telea", "pconv", "telea", "navier-stokes"):
        shelf.take(name, setup)
    assert [name for name, _ in opened] == ["telea", "navier-stokes", "pconv", "navier-stokes"]


def test_a_cleared_shelf_opens_anew(shelf):
    shelf, opened = shelf
    shelf.take("telea", EngineSetup())
    shelf.clear()
    shelf.take("telea", EngineSetup())
    assert len(opened) == 2


def test_what_cannot_be_run_is_said_when_it_starts(rgb):
    empty = Mask.empty(Size(*rgb.shape[:2]))
    with pytest.raises(MaskError):
        list(run_fill(FillTask(Photo(rgb), empty, "telea")))
    with pytest.raises(UsageError, match="no engine"):
        list(run_fill(FillTask(Photo(rgb), empty, "magic")))
