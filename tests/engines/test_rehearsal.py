"""Engines rehearse before their first fill, and nobody hears of it."""

import subprocess
import sys

import pytest

from inpaint_studio.engines.api import EngineSetup
from inpaint_studio.engines.task import EngineShelf
from inpaint_studio.errors import EngineError
from inpaint_studio.imaging.geometry import SizeRule

LOADED = """
import sys
from inpaint_studio.engines.api import EngineSetup
from inpaint_studio.engines.task import EngineShelf
shelf = EngineShelf()
take = shelf.rehearse if sys.argv[1] == "rehearse" else shelf.take
take("auto", EngineSetup(None, {}, "cpu"))
names = ("patchmatch_field", "patchmatch_vote", "thin_kernel")
print(all(f"inpaint_studio.engines.{name}" in sys.modules for name in names))
"""


class Refusing:
    """An engine that is asked, and cannot."""

    size_rule = SizeRule()
    notes = ()

    def __init__(self):
        self.asked = []

    def fill(self, request):
        self.asked.append(request)
        raise EngineError("The device is full.")
        yield


@pytest.mark.parametrize(("verb", "loaded"), [("rehearse", "True"), ("take", "False")])
def test_all_that_auto_needs_is_loaded_afterwards(verb, loaded):
    command = [sys.executable, "-c", LOADED, verb]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.strip() == loaded


def test_an_engine_that_fails_is_kept_and_says_so_later():
    engine = Refusing()
    shelf = EngineShelf(opener=lambda name, setup: engine)
    setup = EngineSetup(None, {}, "cpu")
    shelf.rehearse("refusing", setup)
    assert engine.asked
    assert shelf.take("refusing", setup) is engine
