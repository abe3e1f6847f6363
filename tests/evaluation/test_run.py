"""Everything is filled and measured once, goes on after a stop, and survives bad input."""

import numpy as np
import pytest
from PIL import Image

from inpaint_studio.errors import UsageError
from inpaint_studio.evaluation.contestants import Contestant
from inpaint_studio.evaluation.masks import parse_masks
from inpaint_studio.evaluation.photos import BLANK, list_photos, load_square
from inpaint_studio.evaluation.run import Began, Evaluation, Measured, Skipped, evaluate


@pytest.fixture
def order(photos, contestants, tmp_path):
    masks = parse_masks("boxes,cracks")
    out = tmp_path / "out"
    return Evaluation(contestants=contestants, photos=photos, masks=masks, out=out, size=64)


def finish(run):
    events = []
    while True:
        try:
            events.append(next(run))
        except StopIteration as end:
            return events, end.value


def test_everybody_fills_every_hole_once(order, painter):
    brush = painter()
    events, outcome = finish(evaluate(order, start=brush))
    assert events[0] == Began(12, 0)
    assert len(outcome.items) == len(brush.jobs) == 12
    assert {item.group for item in outcome.items} == {"boxes", "cracks"}
    assert {item.photo for item in outcome.items} == {"a.png", "b.png", "more/c.png"}
    assert all(item.values["changed"] == 0 for item in outcome.items)
    assert any("VGG-11" in note for note in outcome.notes)
    assert brush.closed


def test_nobody_sees_what_was_in_the_hole(order, painter):
    brush = painter()
    finish(evaluate(order, start=brush))
    assert all((job.picture[job.hole] == BLANK).all() for job in brush.jobs)
    same = [(one.hole == other.hole).all() for one, other in zip(*[iter(brush.jobs)] * 2)]  # noqa: B905
    assert all(same)


def test_a_stopped_run_goes_on_where_it_was(order, painter):
    first = painter()
    run = evaluate(order, start=first)
    for event in run:
        if isinstance(event, Measured) and len(first.jobs) == 5:
            break
    run.close()
    assert first.closed
    second = painter()
    events, outcome = finish(evaluate(order, start=second))
    assert events[0] == Began(12, 5)
    assert len(second.jobs) == 7
    whole = painter()
    other = Evaluation(
        contestants=order.contestants,
        photos=order.photos,
        masks=order.masks,
        out=order.out.with_name("other"),
        size=64,
    )
    _, expected = finish(evaluate(other, start=whole))
    found = {item.key: item.values for item in outcome.items}
    assert found == {item.key: item.values for item in expected.items}


def test_a_line_cut_off_by_a_crash_is_measured_again(order, painter):
    finish(evaluate(order, start=painter()))
    journal = order.out / "items.jsonl"
    journal.write_bytes(journal.read_bytes()[:-30])
    again = painter()
    _, outcome = finish(evaluate(order, start=again))
    assert len(again.jobs) == 1
    assert len(outcome.items) == 12


def test_a_damaged_line_is_named(order, painter):
    finish(evaluate(order, start=painter()))
    journal = order.out / "items.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:2], b"nonsense\n", *lines[2:]]))
    with pytest.raises(UsageError, match="Line 3 of"):
        finish(evaluate(order, start=painter()))


def test_a_failure_is_one_record_and_is_tried_again(order, painter):
    _, outcome = finish(evaluate(order, start=painter(refuse=[3])))
    failed = [item for item in outcome.items if item.problem]
    assert [item.problem for item in failed] == ["The painter has no paint."]
    assert len(outcome.items) == 12
    again = painter()
    _, outcome = finish(evaluate(order, start=again))
    assert len(again.jobs) == 1
    assert not any(item.problem for item in outcome.items)


def test_other_weights_are_measured_anew(order, painter):
    finish(evaluate(order, start=painter()))
    newer = (order.contestants[0], Contestant("light", "2", "telea"))
    changed = Evaluation(
        contestants=newer, photos=order.photos, masks=order.masks, out=order.out, size=64
    )
    brush = painter(level=255)
    _, outcome = finish(evaluate(changed, start=brush))
    assert len(brush.jobs) == 6
    assert len(outcome.items) == 12


def test_photos_that_cannot_be_used_are_listed(order, photos, painter):
    (photos / "broken.jpg").write_bytes(b"not a picture")
    Image.new("RGB", (40, 200)).save(photos / "small.png")
    events, outcome = finish(evaluate(order, start=painter()))
    assert {skip.photo for skip in outcome.skipped} == {"broken.jpg", "small.png"}
    assert sum(isinstance(event, Skipped) for event in events) == 2
    assert any("40 × 200" in skip.why for skip in outcome.skipped)
    assert len(outcome.items) == 12


def test_a_folder_of_another_evaluation_is_not_mixed_in(order, painter):
    finish(evaluate(order, start=painter()))
    other = Evaluation(
        contestants=order.contestants,
        photos=order.photos,
        masks=parse_masks("blobs"),
        out=order.out,
        size=64,
    )
    with pytest.raises(UsageError, match="holds an evaluation with masks 'boxes,cracks'"):
        next(evaluate(other, start=painter()))


def test_a_folder_with_something_else_is_left_alone(order, painter):
    order.out.mkdir()
    (order.out / "thesis.doc").write_text("precious")
    with pytest.raises(UsageError, match="other files"):
        next(evaluate(order, start=painter()))
    assert [path.name for path in order.out.iterdir()] == ["thesis.doc"]


def test_a_larger_limit_contains_the_smaller(photos):
    two = list_photos(photos, seed=3, limit=2)
    assert list_photos(photos, seed=3, limit=None)[:2] == two
    assert len(two) == 2


def test_no_photos_is_a_sentence(tmp_path):
    with pytest.raises(UsageError, match="no photos"):
        list_photos(tmp_path, seed=0, limit=None)
    with pytest.raises(UsageError, match="no folder"):
        list_photos(tmp_path / "nowhere", seed=0, limit=None)


def test_squares_come_from_the_middle(tmp_path):
    picture = np.zeros((64, 128, 3), np.uint8)
    picture[:, 32:96] = (10, 200, 90)
    Image.fromarray(picture).save(tmp_path / "wide.png")
    square = load_square(tmp_path / "wide.png", 32)
    assert square.shape == (32, 32, 3)
    assert (square == (10, 200, 90)).all()
