"""The report as one HTML page: the table, how it was measured, and contact sheets, worst first."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from inpaint_studio.evaluation.records import ItemRecord
from inpaint_studio.evaluation.table import Column, Row, badness, is_best, used_columns
from inpaint_studio.evaluation.thumbnails import Thumbnails

if TYPE_CHECKING:
    from inpaint_studio.evaluation.report import Report

STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #888; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem; max-width: 110rem; }
h1, h2 { font-weight: 600; }
.scroll { overflow-x: auto; }
table.figures { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.figures th, .figures td { padding: .25rem .5rem; text-align: right; white-space: nowrap; }
.figures th:nth-child(-n+2), .figures td:nth-child(-n+2) { text-align: left; }
.figures tbody { border-top: 1px solid var(--line); }
.figures .best { font-weight: 700; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
.case { display: flex; gap: .5rem; padding: .5rem 0; border-top: 1px solid var(--line);
        overflow-x: auto; }
figure { margin: 0; flex: none; width: 200px; }
figure img { width: 200px; height: 200px; object-fit: contain; display: block; background: #8882; }
figcaption { font-size: 12px; overflow-wrap: anywhere; }
figcaption b { display: block; font-weight: 600; }
.problem { width: 200px; height: 200px; display: grid; place-items: center; text-align: center;
           border: 1px dashed var(--line); box-sizing: border-box; padding: .5rem;
           font-size: 12px; overflow: hidden; }
button { font: inherit; } button[aria-pressed=true] { font-weight: 700; }
"""

SCRIPT = """
document.querySelectorAll("nav button").forEach(button => button.addEventListener("click", () => {
  document.querySelectorAll("nav button").forEach(other =>
    other.setAttribute("aria-pressed", other === button));
  document.querySelectorAll("section.sheet").forEach(sheet => {
    const worth = one => parseFloat(JSON.parse(one.dataset.worst)[button.value]);
    [...sheet.querySelectorAll(".case")].sort((a, b) => worth(b) - worth(a))
      .forEach(one => sheet.append(one));
  });
}));
"""

FAILED = 1e9
"""Sorts before everything that was measured."""


def page(report: "Report", thumbnails: Thumbnails) -> str:
    """The whole page; `thumbnails` names pictures relative to it."""
    engines = list(dict.fromkeys(row.engine for row in report.rows))
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>Inpainting compared</title>\n<style>{STYLE}</style>",
            f"<h1>Inpainting compared: {escape(', '.join(engines))}</h1>",
            _figures(report.rows),
            _notes(report),
            _facts(report.facts),
            _skipped(report.skipped),
            _sheets(report, thumbnails, engines),
            f"<script>{SCRIPT}</script>\n</html>\n",
        )
    )


def shown(row: Row, column: Column) -> str:
    """A value as the table shows it; a dash where there is none."""
    value = row.values.get(column.name)
    return "–" if value is None else f"{value:,.{column.digits}f}"


def caption(item: ItemRecord) -> str:
    """The figures below a fill."""
    values = item.values
    parts = [f"PSNR {values['psnr']:.2f}", f"L1 in hole {values['hole_l1']:.2f} %"]
    if "vgg11" in values:
        parts.append(f"VGG-11 {values['vgg11']:.3f}")
    return " · ".join(parts)


def _figures(rows: Sequence[Row]) -> str:
    columns = used_columns(rows)
    heads = "".join(f"<th>{escape(column.title)}</th>" for column in columns)
    parts = [
        '<div class="scroll"><table class="figures">',
        f"<thead><tr><th>masks</th><th>engine</th><th>pictures</th>{heads}</tr></thead>",
    ]
    for _, group in groupby(rows, key=lambda row: row.group):
        lines = "\n".join(_line(row, columns, rows) for row in group)
        parts.append(f"<tbody>\n{lines}\n</tbody>")
    return "\n".join((*parts, "</table></div>"))


def _line(row: Row, columns: Sequence[Column], rows: Sequence[Row]) -> str:
    failed = f" ({row.failed} failed)" if row.failed else ""
    cells = "".join(
        f"<td{' class=best' if is_best(row, column, rows) else ''}>{shown(row, column)}</td>"
        for column in columns
    )
    heads = f"<td>{escape(row.group)}</td><td>{escape(row.engine)}</td>"
    return f"<tr>{heads}<td>{row.pictures}{failed}</td>{cells}</tr>"


def _notes(report: "Report") -> str:
    return "\n".join(f"<p>{escape(note)}</p>" for note in report.notes)


def _facts(facts: dict[str, str]) -> str:
    lines = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items()
    )
    return f"<h2>How it was measured</h2>\n<dl>{lines}</dl>"


def _skipped(skipped: dict[str, str]) -> str:
    if not skipped:
        return ""
    lines = "".join(f"<li>{escape(photo)}: {escape(why)}</li>" for photo, why in skipped.items())
    return f"<h2>Left out: {len(skipped)}</h2>\n<ul>{lines}</ul>"


def _sheets(report: "Report", thumbnails: Thumbnails, engines: Sequence[str]) -> str:
    buttons = "".join(
        f'<button value="{place}" aria-pressed="{"false" if place else "true"}">'
        f"{escape(name)}</button> "
        for place, name in enumerate(("all together", *engines))
    )
    parts = [f"<h2>Contact sheets</h2>\n<nav>Worst first, by {buttons}</nav>"]
    groups = dict.fromkeys(row.group for row in report.rows)
    for group in groups:
        cases = _cases(item for item in report.items if item.group == group)
        if cases:
            parts.append(f'<section class="sheet"><h2>{escape(group)}</h2>')
            parts += [_case(case, thumbnails, engines) for case in cases]
            parts.append("</section>")
    return "\n".join(parts)


def _cases(items: Iterable[ItemRecord]) -> list[list[ItemRecord]]:
    """The fills of each hole together, worst hole first."""
    cases: dict[tuple[str, str], list[ItemRecord]] = {}
    for item in items:
        cases.setdefault((item.photo, item.mask), []).append(item)
    return sorted(cases.values(), key=_mean_badness, reverse=True)


def _mean_badness(case: Sequence[ItemRecord]) -> float:
    return sum(min(badness(item), FAILED) for item in case) / len(case)


def _case(case: Sequence[ItemRecord], thumbnails: Thumbnails, engines: Sequence[str]) -> str:
    first = case[0]
    by_engine = {item.engine: item for item in case}
    worst = [_mean_badness(case)]
    worst += [_mean_badness([by_engine[name]]) if name in by_engine else 0.0 for name in engines]
    hole = f"{first.share:.1%} hole{', at the border' if first.border else ''}"
    figures = [
        _figure(thumbnails.original(first.photo).as_posix(), "original", first.photo),
        _figure(thumbnails.masked(first.photo, first.mask).as_posix(), "hole", hole),
    ]
    figures += [_fill(by_engine[name], thumbnails) for name in engines if name in by_engine]
    marks = ",".join(f"{value:.6g}" for value in worst)
    return f'<div class="case" data-worst="[{marks}]">{"".join(figures)}</div>'


def _fill(item: ItemRecord, thumbnails: Thumbnails) -> str:
    if item.problem:
        return (
            f'<figure><div class="problem">{escape(item.problem)}</div>'
            f"<figcaption><b>{escape(item.engine)}</b>failed</figcaption></figure>"
        )
    path = thumbnails.fill(item.photo, item.mask, item.engine)
    return _figure(path.as_posix(), item.engine, caption(item))


def _figure(source: str, title: str, text: str) -> str:
    return (
        f'<figure><img loading="lazy" src="{quote(source)}" alt="{escape(title)}">'
        f"<figcaption><b>{escape(title)}</b>{escape(text)}</figcaption></figure>"
    )
