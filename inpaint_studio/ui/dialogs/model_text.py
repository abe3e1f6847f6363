"""A model card as text to read."""

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from PySide6.QtCore import QCoreApplication

from inpaint_studio.ui.theme import COLORS
from inpaint_studio.weights.card import ModelCard

_STATUS_WORDS: Final = {"ready": "Installed", "missing": "Not installed", "broken": "Damaged"}
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:)]")
_COMMERCIAL: Final = {
    "yes": "allowed",
    "no": "not allowed",
    "unclear": "unclear",
}


def card_html(card: ModelCard, status: str) -> str:
    """Everything the card says."""
    size = sum(file.bytes for file in card.files.values())
    rows = [
        (_tr("State"), status_word(status)),
        (_tr("Licence"), card.licence),
        (_tr("Commercial use"), _tr(_COMMERCIAL[card.commercial_use])),
        (_tr("Trained on"), card.trained_on),
        (_tr("From"), card.origin),
        (_tr("Size"), spoken_bytes(size) if size else ""),
        (_tr("How to get it"), "" if status == "ready" else card.by_hand),
        (_tr("Notes"), card.notes),
        *((name[:1].upper() + name[1:], value) for name, value in card.evaluation.items()),
    ]
    return (
        f'<p style="font-size:large;font-weight:600;margin:0 0 4px 0">{escape(card.title)}</p>'
        f'<p style="margin:0 0 10px 0">{escape(card.good_at)}</p>{_table(rows)}'
    )


def terms_html(card: ModelCard) -> str:
    """What the card says of where the model comes from and what may be done with it."""
    return _table(
        [
            (_tr("Licence"), card.licence),
            (_tr("From"), card.origin),
            (_tr("Trained on"), card.trained_on),
            (_tr("Notes"), card.notes),
        ]
    )


def _table(rows: Sequence[tuple[str, str]]) -> str:
    """The rows that have a value."""
    muted = COLORS["muted"]
    lines = "".join(
        f'<tr><td style="color:{muted};padding:3px 14px 3px 0">{escape(name)}</td>'
        f'<td style="padding:3px 0">{_linked(value)}</td></tr>'
        for name, value in rows
        if value
    )
    return f"<table>{lines}</table>"


def status_word(status: str) -> str:
    """For example "Installed"."""
    return _tr(_STATUS_WORDS[status])


def _linked(text: str) -> str:
    """HTML of plain text, its web addresses made into links."""
    link = f'<a style="color:{COLORS["accent"]}" href="\\g<0>">\\g<0></a>'
    return _ADDRESS.sub(link, escape(text))


def spoken_bytes(count: int) -> str:
    """For example "43 MB"."""
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB"


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)
