"""Running generators: results, events, and closing whatever happens."""

import pytest

from inpaint_studio.steps import changed, exhausted, followed


def counting(ended):
    """Yields 1 and 2, returns "done", and says when it is closed."""
    try:
        yield 1
        yield 2
        return "done"
    finally:
        ended.append(True)


def test_a_run_gives_its_result():
    assert exhausted(counting([])) == "done"


def test_every_event_is_heard():
    heard = []
    assert followed(counting([]), heard.append) == "done"
    assert heard == [1, 2]


def test_a_run_is_closed_when_its_listener_fails():
    ended = []

    def fail(event):
        raise ValueError(event)

    with pytest.raises(ValueError, match="1"):
        followed(counting(ended), fail)
    assert ended == [True]


def test_events_are_changed_and_the_result_is_not():
    heard = []
    assert followed(changed(counting([]), str), heard.append) == "done"
    assert heard == ["1", "2"]


def test_closing_a_changed_run_closes_the_run():
    ended = []
    run = changed(counting(ended), str)
    next(run)
    run.close()
    assert ended == [True]
