"""What is in view is filled first: the window says what that is, and the record does not change."""

import numpy as np

from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.project.fill_record import request_digest
from inpaint_studio.ui.fill_request import FillChoice, FillSubject, make_task


def test_the_view_is_part_of_the_request_and_not_of_its_record():
    photo, hole = Photo(np.full((40, 50, 3), 90, np.uint8)), np.eye(40, 50) > 0
    subject = FillSubject(photo, (), Mask.from_hole(hole))
    view = Box(3, 4, 20, 30)
    seen, unseen = (
        make_task(subject, FillChoice("thin", first=first), library=None) for first in (view, None)
    )
    assert seen.restore_options.first == view
    assert unseen.restore_options.first is None
    assert request_digest(seen) == request_digest(unseen)


def test_the_window_asks_for_what_it_shows(window, rgb):
    window.canvas.resize(300, 200)
    window.workspace.set_document(_document(rgb))
    assert window.filling.choice.first == window.canvas.visible_box


def _document(rgb):
    from inpaint_studio.document.document import Document

    return Document(Photo(rgb))
