"""kill -9 in the middle of work, for real: a process of its own, ended by the system."""

import os
import subprocess
import sys

import numpy as np
import pytest

from inpaint_studio.document.history import History
from inpaint_studio.imaging.files import write_photo
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.project.recovery import find_leftovers, journals_dir, recover

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")

WORK = """
import os, signal, sys
import numpy as np
from pathlib import Path
from inpaint_studio.document.commands import AddLayer, PaintMask
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer
from inpaint_studio.imaging.files import read_photo
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch
from inpaint_studio.project.keeping import Keeping
from inpaint_studio.project.recovery import journals_dir

path, steps, settle = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "settle"
document = Document(read_photo(path), path)
keeping = Keeping.begin(journals_dir(), document, name=path.name, on_problem=print)
for step in range(steps):
    if step % 2:
        alpha = np.full((9, 9), 255, np.uint8)
        patch = Patch(np.full((9, 9, 3), step % 256, np.uint8), alpha, Point(0, 0))
        command = AddLayer(Layer(document.new_layer_id(), f"Layer {step}", patch))
    else:
        mask = document.mask.copy()
        mask[step : step + 3] = step % 255 + 1
        command = PaintMask.to(document, mask, title=f"Paint {step}")
    keeping.follow([document.history.push(document, command)])
if settle:
    keeping.writer.settle()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def photo(tmp_path, rng):
    path = tmp_path / "photo.png"
    write_photo(path, Photo(rng.integers(0, 256, (60, 70, 3)).astype(np.uint8)))
    return path


def killed(photo, steps, how):
    run = subprocess.run([sys.executable, "-c", WORK, str(photo), str(steps), how], timeout=300)
    assert run.returncode == -9


def recovered():
    [leftover] = find_leftovers(journals_dir())
    run = recover(leftover, history=History())
    try:
        while True:
            next(run)
    except StopIteration as end:
        end.value.journal.close()
        return end.value.document


def expected(steps):
    return tuple(f"Add Layer {n}" if n % 2 else f"Paint {n}" for n in range(steps))


def test_everything_that_was_written_is_back(photo):
    killed(photo, 8, "settle")
    document = recovered()
    assert document.history.titles == expected(8)
    assert document.history.index == 8
    assert [layer.name for layer in document.layers] == [f"Layer {n}" for n in (1, 3, 5, 7)]
    assert document.mask[6, 0] == 7


def test_killed_while_it_writes_some_whole_number_of_steps_is_back(photo):
    killed(photo, 400, "at once")
    if not find_leftovers(journals_dir()):
        return  # nothing had reached the disk yet
    document = recovered()
    titles = document.history.titles
    assert titles == expected(len(titles))
    assert document.history.index == len(titles)
    assert len(document.layers) == len(titles) // 2
