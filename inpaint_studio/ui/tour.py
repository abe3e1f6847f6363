"""The tour: three steps on the sample photo, each ending when the user has done it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from inpaint_studio.paths import resources_dir
from inpaint_studio.ui.panels.fields import WrappedLabel
from inpaint_studio.ui.tab_order import reach_after

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from inpaint_studio.document.change import Change
    from inpaint_studio.ui.main_window import MainWindow

WIDTH, MARGIN = 340, 20
OFFER_AFTER = 600
"""Milliseconds after the first paint: a photo given on the command line is being opened by then."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a card says."""

    title: str
    text: str


def tour_photo() -> Path:
    """The photo the steps speak of."""
    return resources_dir() / "samples" / "photo.jpg"


class TourCard(QFrame):
    """A card in the lower left corner of `host`: a step, and buttons to go on or leave."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self.setObjectName("tourCard")
        self.setAutoFillBackground(True)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.place = QLabel()
        self.place.setProperty("role", "muted")
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.text = WrappedLabel()
        self.skip = QPushButton()
        self.skip.setProperty("role", "quiet")
        self.go_on = QPushButton()
        buttons = QHBoxLayout()
        buttons.addWidget(self.place)
        buttons.addStretch()
        buttons.addWidget(self.skip)
        buttons.addWidget(self.go_on)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        layout.addLayout(buttons)
        self.setFixedWidth(WIDTH)
        host.installEventFilter(self)
        self.hide()

    def show_step(self, step: Step, *, place: str, skip: str, go_on: str) -> None:
        self.title.setText(step.title)
        self.text.setText(step.text)
        self.place.setText(place)
        self.skip.setText(skip)
        self.skip.setVisible(bool(skip))
        self.go_on.setText(go_on)
        self.show()
        # The text's height is known once it has its width.
        QTimer.singleShot(0, self, self._settle)
        self._settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        self.adjustSize()
        self.raise_()  # a page that was just turned to lies on top
        self.move(MARGIN, self._host.height() - self.height() - MARGIN)


class Tour(QObject):
    """Offers itself on the first run; goes on when the user has painted, filled and looked."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._at: int | None = None
        self.card = TourCard(window.pages)
        reach_after(window.canvas, self.card.skip, self.card.go_on)
        self.card.go_on.clicked.connect(self._go_on)
        self.card.skip.clicked.connect(self.end)
        window.commands.connect_all({"tour": self.start})
        window.first_painted.connect(self._wait_to_offer)
        window.workspace.opened.connect(self._see_photo)
        window.workspace.changed.connect(self._see_change)
        window.controller.landed.connect(lambda _layer: self._done(2))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]

    @property
    def step(self) -> int | None:
        """0 while it is only offered, 1 to 3 on the way; None while it is not shown."""
        return self._at

    def start(self) -> None:
        """Open the sample photo; the first step is shown when it is there."""
        sample = tour_photo()
        if sample.is_file():
            self._at = 1
            self._remember()
            self._window.photos.open_path(sample)

    def offer(self) -> None:
        """Ask on the welcome page, where nobody has been asked before."""
        settings = self._window.store.settings
        seen = settings.tour_seen or bool(settings.recent_files)
        if self._window.workspace.document is None and not seen and tour_photo().is_file():
            self._show(0)

    def end(self) -> None:
        """Leave; it is not offered again, but stays in the Help menu."""
        self._at = None
        self.card.hide()
        self._remember()

    def _steps(self) -> tuple[Step, ...]:
        tr = self.tr
        return (
            Step(
                tr("New here?"),
                tr("A tour of the sample photo shows the whole way in three steps, in a minute."),
            ),
            Step(
                tr("Paint over what should go"),
                tr(
                    "Drag with the brush over the blue thing in the water. The keys [ and ] change "
                    "the brush's size, the right button takes paint away."
                ),
            ),
            Step(
                tr("Fill it"),
                tr(
                    "Press Fill in the panel on the right, or Ctrl+Enter. The fill becomes a "
                    "layer; the photo itself is never changed."
                ),
            ),
            Step(
                tr("Look, and keep it"),
                tr(
                    "Hold Tab to see the original. Ctrl+Z takes any step back, Ctrl+K finds every "
                    "command, Ctrl+Shift+E saves the result."
                ),
            ),
        )

    def _show(self, at: int) -> None:
        self._at = at
        place = self.tr("{0} of 3").format(at) if at else ""
        go_on = (self.tr("Show Me"), self.tr("Next"), self.tr("Next"), self.tr("Done"))[at]
        skip = self.tr("Not Now") if at == 0 else self.tr("Leave the Tour")
        skip = "" if at == 3 else skip
        self.card.show_step(self._steps()[at], place=place, skip=skip, go_on=go_on)

    def _go_on(self) -> None:
        if self._at == 0:
            self.start()
        elif self._at in (1, 2):
            self._show(self._at + 1)
        else:
            self.end()

    def _done(self, step: int) -> None:
        """What a step asks for has been done."""
        if self._at == step and self.card.isVisible():
            self._show(step + 1)

    def _see_photo(self) -> None:
        document = self._window.workspace.document
        ours = document is not None and document.path == tour_photo()
        if self._at is not None and ours:
            self._show(1)
        elif self._at is not None:
            self._at = None
            self.card.hide()

    def _see_change(self, change: Change) -> None:
        document = self._window.workspace.document
        if change.kind == "mask" and document is not None and document.mask.any():
            self._done(1)

    def _wait_to_offer(self) -> None:
        QTimer.singleShot(OFFER_AFTER, self, self.offer)

    def _remember(self) -> None:
        self._window.store.update(lambda settings: replace(settings, tour_seen=True))
