"""Trying a fill again: the next seed, as a layer over the other, in one step."""

import numpy as np
import pytest

from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import FillRecipe, Layer
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.fill_result import instead_of
from inpaint_studio.ui.panels.fill import FillPanel
from inpaint_studio.ui.try_again import next_seed


def layer(id, *, seed=0, engine="patchmatch", hole=None, group=None):
    hole = np.full((4, 5), 255, np.uint8) if hole is None else hole
    patch = Patch(np.full((4, 5, 3), id, np.uint8), hole, Point(2, 3))
    recipe = FillRecipe(hole=hole, box=Box(2, 3, 6, 8), engine=engine, seed=seed)
    return Layer(id, f"Fill {id}", patch, recipe=recipe, group=group)


@pytest.fixture
def document():
    document = Document(Photo(np.zeros((20, 30, 3), np.uint8)))
    document.layers = (layer(1), layer(2, seed=4), layer(3, seed=9, engine="auto"))
    return document


def test_the_next_seed_is_one_that_hole_and_engine_have_not_had(document):
    other = np.zeros((4, 5), np.uint8)
    document.layers = (*document.layers, layer(5, seed=30, hole=other))
    assert next_seed(document, document.layers[0].recipe) == 5
    assert next_seed(document, document.layers[2].recipe) == 10


def test_the_new_layer_lies_over_the_old_one_which_is_hidden_and_one_undo_takes_both_back(document):
    before = document.layers
    command = instead_of(document, before[0], layer(7, seed=5), "Try Fill 1 again")
    assert command.title == "Try Fill 1 again"
    command.apply(document)
    assert [(one.id, one.visible) for one in document.layers] == [
        (1, False),
        (7, True),
        (2, True),
        (3, True),
    ]
    command.revert(document)
    assert [(one.id, one.visible) for one in document.layers] == [(1, True), (2, True), (3, True)]


def test_strength_is_offered_where_patches_are_led_and_is_part_of_the_choice(qtbot):
    panel = FillPanel()
    qtbot.addWidget(panel)
    panel.choose("patchmatch")
    assert panel.strength.isHidden()
    assert panel.options == {}
    panel.choose("thin+patchmatch")
    assert not panel.strength.isHidden()
    assert panel.options == {"strength": 0.2}
    panel.strength.slider.setValue(panel.strength.slider.maximum())
    assert panel.options == {"strength": 1.0}
    assert panel.strength.number.text() == "100 %"
    panel.set_models({}, {})  # the models arriving late change nothing a person has set
    assert panel.options == {"strength": 1.0}
