import numpy as np
import pytest

from inpaint_studio.engines.api import EngineSetup, FillRequest, Progress
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.errors import UsageError

ENGINES = ["telea", "navier-stokes"]


def gradient(size=(120, 160)):
    rows, columns = np.mgrid[: size[0], : size[1]]
    picture = np.stack([rows / size[0], columns / size[1], (rows + columns) / sum(size)], axis=-1)
    return picture.astype(np.float32)


@pytest.mark.parametrize("name", ENGINES)
def test_a_scratch_in_a_gradient_disappears(name, finish):
    picture = gradient()
    hole = np.zeros(picture.shape[:2], bool)
    hole[20:100, 70:75] = True
    damaged = np.where(hole[:, :, None], np.float32(1), picture)
    events, result = finish(open_engine(name, EngineSetup()).fill(FillRequest(damaged, hole)))
    assert np.abs(result.pixels - picture)[hole].max() < 0.02
    assert np.array_equal(result.pixels[~hole], picture[~hole])
    assert all(isinstance(event, Progress) for event in events)


@pytest.mark.parametrize("name", ENGINES)
def test_steps_are_finer_than_eight_bits(name, finish):
    picture = gradient() * 0.02
    hole = np.zeros(picture.shape[:2], bool)
    hole[20:100, 60:80] = True
    _, result = finish(open_engine(name, EngineSetup()).fill(FillRequest(picture, hole)))
    steps = np.unique(np.rint(result.pixels[hole][:, 1] * 65535))
    assert len(steps) > 40  # in 8 bits this range has 5


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("box", [(0, 0, 20, 160), (0, 0, 120, 30), (119, 159, 120, 160)])
def test_holes_at_the_border_stay_in_the_range_of_their_surroundings(name, finish, box):
    picture = np.full((120, 160, 3), 0.4, np.float32)
    picture += np.random.default_rng(5).normal(0, 0.02, picture.shape).astype(np.float32)
    hole = np.zeros(picture.shape[:2], bool)
    hole[box[0] : box[2], box[1] : box[3]] = True
    _, result = finish(open_engine(name, EngineSetup()).fill(FillRequest(picture, hole)))
    assert result.pixels[hole].min() > 0.25
    assert result.pixels[hole].max() < 0.55


@pytest.mark.parametrize("radius", ["wide", 0, 1000, float("nan")])
def test_a_radius_that_makes_no_sense_is_refused(radius):
    request = FillRequest(gradient(), np.eye(120, 160, dtype=bool), options={"radius": radius})
    with pytest.raises(UsageError, match="radius"):
        list(open_engine("telea", EngineSetup()).fill(request))


def test_the_radius_matters(finish):
    picture = gradient()
    picture[::2] *= 0.5
    hole = np.zeros(picture.shape[:2], bool)
    hole[40:60, 60:90] = True
    engine = open_engine("telea", EngineSetup())
    near, far = (
        finish(engine.fill(FillRequest(picture, hole, options={"radius": radius})))[1].pixels
        for radius in (1, 20)
    )
    assert not np.array_equal(near, far)
