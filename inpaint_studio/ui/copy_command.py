"""The fill panel's settings as a command line: tried on one photo here, used on a folder there."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inpaint_studio.ui.fill_request import FillChoice
    from inpaint_studio.ui.main_window import MainWindow

ACTION = "copy_command"
_FLAGS = {"sources": "--copy-from", "strength": "--strength"}
_SWITCHES = {"mirrored": "--mirrored", "turned": "--turned"}


class CopyCommand(QObject):
    """Puts the command that fills as the panel says on the clipboard."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.commands.connect_all({ACTION: self.copy})

    def copy(self) -> None:
        """Areas that are painted on the photo have no place in it, which is said."""
        choice = self._window.filling.choice
        QGuiApplication.clipboard().setText(command_of(choice))
        told = self.tr(
            "The command is on the clipboard. Put your folders in place of PHOTOS, MASKS and OUT."
        )
        if choice.allowed is not None or choice.forbidden is not None:
            told += " " + self.tr("The areas painted on this photo are not part of it.")
        self._window.messages.show_notice(told)


def command_of(choice: FillChoice) -> str:
    """A line for a shell, with words in capitals for what it is to fill."""
    words = ["inpaint-studio", "fill", "PHOTOS", "--mask", "MASKS", "-o", "OUT", *_options(choice)]
    return shlex.join(words)


def _options(choice: FillChoice) -> Iterator[str]:
    yield from ("--engine", choice.engine)
    if choice.card:
        yield from ("--model", choice.card)
    for name, value, left_alone in (
        ("--grow", choice.grow, 0),
        ("--feather", choice.feather, None),
        ("--context", choice.context, None),
        ("--seed", choice.seed, 0),
        ("--device", choice.device, "auto"),
    ):
        if value != left_alone:
            yield from (name, str(value))
    for name, flag in _FLAGS.items():
        if name in choice.options:
            yield from (flag, str(choice.options[name]))
    yield from (flag for name, flag in _SWITCHES.items() if choice.options.get(name))
