"""A folder of small photos and a stand-in for engines."""

import numpy as np
import pytest
from PIL import Image

from inpaint_studio.errors import EngineError
from inpaint_studio.evaluation.contestants import Contestant
from inpaint_studio.evaluation.jobs import Fill


@pytest.fixture(autouse=True)
def _no_networks(monkeypatch, tmp_path):
    """Whatever weights this machine has, a test sees none it did not make."""
    monkeypatch.delenv("INPAINT_STUDIO_DATA", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


@pytest.fixture
def photos(tmp_path, rng):
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    rows, columns = np.mgrid[:72, :90]
    for number, name in enumerate(("a.png", "b.png", "more/c.png")):
        picture = np.stack([rows * 3, columns * 2, (rows + columns) * (number + 1) % 256], axis=-1)
        picture[20:50, 30:60] = rng.integers(0, 255, 3)
        Image.fromarray(picture.astype(np.uint8)).save(folder / name)
    (folder / "SOURCES.csv").write_text("not a picture")
    return folder


class Painter:
    """Paints every hole in one grey; counts, and refuses the jobs it was told to."""

    def __init__(self, level=0, refuse=()):
        self.level = level
        self.refuse = set(refuse)
        self.jobs = []
        self.closed = False

    def __call__(self, contestant, device):
        return self

    def fill(self, job):
        self.jobs.append(job)
        if len(self.jobs) in self.refuse:
            raise EngineError("The painter has no paint.")
        picture = job.picture.copy()
        picture[job.hole] = self.level
        edges = np.where(job.hole, np.float32(0.7), np.float32(0))
        return Fill(picture, 0.5, edges, 123_000_000)

    def close(self):
        self.closed = True


@pytest.fixture
def painter():
    return Painter


@pytest.fixture
def contestants():
    return (Contestant("dark", "1", "telea"), Contestant("light", "1", "telea"))
