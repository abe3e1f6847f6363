"""The table is the mean of its fills; the files hold it; the page shows the worst first."""

import csv
import io
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from inpaint_studio.errors import PhotoError
from inpaint_studio.evaluation.edge_scores import EdgeCounts
from inpaint_studio.evaluation.masks import parse_masks
from inpaint_studio.evaluation.page import page
from inpaint_studio.evaluation.perceptual import frechet_distance
from inpaint_studio.evaluation.records import ItemRecord, PhotoRecord, packed
from inpaint_studio.evaluation.report import Report, items_csv, sum_up, table_csv, write_report
from inpaint_studio.evaluation.run import Evaluation, evaluate
from inpaint_studio.evaluation.table import ALL, COLUMNS, is_best, make_table
from inpaint_studio.evaluation.thumbnails import Thumbnails


def item(photo, engine, *, group="0.1-0.2", l1=1.0, seconds=1.0, vector=None, **more):
    values = {"l1": l1, "hole_l1": 5 * l1, "psnr": 30 - l1, "seconds": seconds}
    return ItemRecord(
        photo=photo, mask=group, group=group, engine=engine, identity="1", share=0.15,
        border=False, values=values, features=packed(vector), **more,
    )  # fmt: skip


def failed(photo, engine, problem):
    return ItemRecord(
        photo=photo, mask="0.1-0.2", group="0.1-0.2", engine=engine, identity="1", share=0.15,
        border=True, problem=problem,
    )  # fmt: skip


def table(items, photos=(), engines=("x", "y")):
    return make_table(items, photos, groups=["0.1-0.2", "0.2-0.3", "0.3-0.4"], engines=engines)


def test_rows_are_means_and_the_time_is_the_median():
    items = [item(name, "x", l1=value, seconds=value) for name, value in zip("abc", (1, 2, 9))]  # noqa: B905
    items.append(item("a", "y", group="0.2-0.3", l1=3))
    rows = table(items)
    assert [(row.group, row.engine) for row in rows] == [
        ("0.1-0.2", "x"),
        ("0.2-0.3", "y"),
        (ALL, "x"),
        (ALL, "y"),
    ]
    assert rows[0].pictures == 3
    assert rows[0].values["l1"] == 4
    assert rows[0].values["seconds"] == 2


def test_failures_are_counted_and_left_out_of_means():
    [row, _] = table([item("a", "x", l1=2), failed("b", "x", "No.")])
    assert (row.pictures, row.failed, row.values["l1"]) == (1, 1, 2)
    assert table([failed("b", "x", "No.")])[0].values == {}


def test_edges_are_pooled_before_they_are_divided():
    items = [
        item("a", "x", edges=EdgeCounts(10, 10, 10, 5)),
        item("b", "x", edges=EdgeCounts(90, 0, 10, 0)),
    ]
    row = table(items)[0]
    assert row.values["precision"] == 0.1
    assert row.values["recall"] == 0.25
    assert "recall" not in table([item("a", "x")])[0].values


def test_memory_is_the_highest():
    items = [item("a", "x", peak_bytes=5_000_000), item("b", "x", peak_bytes=9_000_000)]
    assert table(items)[0].values["megabytes"] == 9


def test_frechet_is_between_fills_and_their_originals(rng):
    fills, truths = rng.normal(size=(2, 4, 6)).astype(np.float32)
    names = "abcd"
    items = [item(name, "x", vector=vector) for name, vector in zip(names, fills, strict=True)]
    photos = [
        PhotoRecord(photo=name, features=packed(vector))
        for name, vector in zip(names, truths, strict=True)
    ]
    row = table(items, photos)[0]
    assert row.values["frechet"] == pytest.approx(frechet_distance(fills, truths))
    assert "fid" not in row.values


def test_the_best_of_a_group_is_marked():
    rows = table([item("a", "x", l1=1), item("a", "y", l1=2)])
    columns = {column.name: column for column in COLUMNS}
    assert is_best(rows[0], columns["l1"], rows)
    assert not is_best(rows[1], columns["l1"], rows)
    assert is_best(rows[0], columns["psnr"], rows)
    assert not is_best(rows[0], columns["ssim"], rows)
    assert not is_best(rows[0], columns["seconds"], rows), "equal is not best"


@pytest.fixture
def report():
    items = (
        item("a.png", "x", l1=1),
        item("a.png", "y", l1=8),
        item("b.png", "x", l1=4),
        item("b.png", "y", l1=4.5),
        item("<c>.png", "x", l1=6),
        failed("<c>.png", "y", "The <engine> broke."),
    )
    return Report(table(items), items, {"seed": "0"}, {"d.png": "It is <damaged>."}, ("A note.",))


def test_the_page_has_the_worst_first_and_escapes_names(report):
    text = page(report, Thumbnails(Path("thumbs")))
    order = re.findall(r"<b>original</b>(.*?)</figcaption>", text)
    assert order == ["&lt;c&gt;.png", "a.png", "b.png"]
    assert "The &lt;engine&gt; broke." in text
    assert "It is &lt;damaged&gt;." in text
    assert "<engine>" not in text
    worst = [json.loads(mark) for mark in re.findall(r'data-worst="(.*?)"', text)]
    assert worst[1] == [22.5, 5, 40], "together, x, y: the difference in the hole"
    assert all(math.isfinite(value) for case in worst for value in case)


def test_csv_has_all_digits_and_empty_cells(report):
    lines = list(csv.DictReader(io.StringIO(table_csv(report.rows))))
    assert lines[0]["l1"] == str(11 / 3)
    assert lines[0]["lpips"] == ""
    assert lines[1]["failed"] == "1"
    lines = list(csv.DictReader(io.StringIO(items_csv(report.items))))
    assert len(lines) == 6
    assert lines[5]["problem"] == "The <engine> broke."
    assert lines[5]["l1"] == ""


@pytest.fixture
def order(photos, contestants, tmp_path):
    masks = parse_masks("boxes")
    out = tmp_path / "out"
    return Evaluation(contestants=contestants, photos=photos, masks=masks, out=out, size=64)


def test_everything_the_page_shows_is_there(order, painter):
    run = evaluate(order, start=painter(refuse=[2]))
    try:
        while True:
            next(run)
    except StopIteration as end:
        report = sum_up(order, end.value)
    page_path = write_report(order.out, report)
    sources = re.findall(r'src="(.*?)"', page_path.read_text("utf-8"))
    assert len(sources) == 3 * 2 + 5
    assert all((order.out / source).is_file() for source in sources)
    results = json.loads((order.out / "results.json").read_text("utf-8"))
    assert sum(row["failed"] for row in results["rows"] if row["masks"] == ALL) == 1
    assert any("failed at 1 fill" in note for note in results["notes"])
    write_report(order.out, report)  # again, over the old one


def test_a_report_that_cannot_be_written_is_one_sentence(report, tmp_path):
    with pytest.raises(PhotoError, match="cannot be saved"):
        write_report(tmp_path / "nowhere", report)
