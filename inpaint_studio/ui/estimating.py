"""Says before a fill what it will take, and frames on the photo what it will look at."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QColor, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from inpaint_studio.ui.canvas.laid_over import LaidOver
from inpaint_studio.ui.canvas.render import to_rect
from inpaint_studio.ui.estimates import Estimate, corrected, estimate, spoken
from inpaint_studio.ui.jobs import BackgroundJob, run_in_background
from inpaint_studio.ui.panels.fields import WrappedLabel

if TYPE_CHECKING:
    from inpaint_studio.ui.canvas.view import CanvasView
    from inpaint_studio.ui.main_window import MainWindow

_PAUSE = 350
"""Milliseconds the mask must rest before it is planned."""
_LIGHT, _DARK = QColor(255, 255, 255, 220), QColor(0, 0, 0, 160)


class ContextFrames(QWidget):
    """Dashed frames round what a fill will look at; lets every event through to the canvas."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.estimate: Estimate | None = None
        self._over = LaidOver(self, canvas)

    def appear(self, shown: bool) -> None:
        self._over.show(shown and self.estimate is not None)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        viewport = self._over.viewport
        if viewport is None or self.estimate is None:
            return
        painter, scale = self._over.painter(), self._canvas.device_scale()
        for frame in self.estimate.frames:
            area = to_rect(viewport.screen_box(frame)).adjusted(1, 1, -2, -2)
            painter.setPen(QPen(_DARK, 3 * scale))
            painter.drawRect(area)
            painter.setPen(QPen(_LIGHT, 1.2 * scale, Qt.PenStyle.DashLine))
            painter.drawRect(area)


class Estimating(QObject):
    """Plans the fill whenever mask or engine rest, and learns from how long fills took.

    The frames show while the pointer is on the Fill button, or always where that is wanted.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._panel = window.column.fill
        self._job: BackgroundJob | None = None
        self._started = 0.0
        self._running: tuple[str, float] | None = None
        self._loaded: frozenset[str] = frozenset()
        """Engines that have filled since the engine process began."""
        self.frames = ContextFrames(window.canvas)
        self.label = WrappedLabel()
        self.label.setProperty("role", "muted")
        self.label.setToolTip(
            self.tr("Estimated from the last fills; a first one loads the engine")
        )
        self._panel.add_estimate(self.label)
        self._panel.fill.installEventFilter(self)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._plan)
        self._connect()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self._show_frames(hovered=event.type() == QEvent.Type.Enter)
        return super().eventFilter(watched, event)

    def _plan(self) -> None:
        """Ask what the fill would take, in the background."""
        document = self._window.workspace.document
        if self._job is not None:
            self._job.stop()
            self._job = None
        if document is None:
            self._show(None)
            return
        entry, card = self._panel.entry, self._panel.card
        photo, coverage = document.photo, document.mask.copy()
        card = card if entry.needs_card else None
        context = self._panel.advanced.context_px
        self._job = run_in_background(
            self,
            lambda: estimate(entry, card, photo, coverage, context=context),
            on_done=self._show,
            on_problem=lambda _: self._show(None),
        )

    def _show(self, found: Estimate | None) -> None:
        self.frames.estimate = found
        self._show_frames(hovered=self._panel.fill.underMouse())
        if found is None:
            self.label.setText("")
        else:
            time, memory = spoken(found.work * self._correction, found.nbytes)
            self.label.setText(self.tr("About {0}, {1} of memory").format(time, memory))
        self.label.setVisible(found is not None and not self._window.controller.running)

    @property
    def _correction(self) -> float:
        return self._window.store.settings.fill_speeds.get(self._panel.entry.name, 1.0)

    def _show_frames(self, *, hovered: bool) -> None:
        always = self._window.commands["show_context"].isChecked()
        self.frames.appear(hovered or always)

    def _follow(self, running: bool) -> None:
        """Time what was estimated."""
        found = self.frames.estimate
        self.label.setVisible(not running and found is not None)
        if running:
            self._started = perf_counter()
            self._running = (self._panel.entry.name, found.work) if found else None

    def _learn(self, _layer: object) -> None:
        if self._running is None:
            return
        (name, work), self._running = self._running, None
        speeds, took = self._window.store.settings.fill_speeds, perf_counter() - self._started
        cold, self._loaded = name not in self._loaded, self._loaded | {name}
        if cold and took > work * speeds.get(name, 1.0):
            return  # it was being loaded, which the next one will not be
        new = corrected(speeds.get(name), work, took)
        self._window.store.update(
            lambda settings: replace(settings, fill_speeds={**settings.fill_speeds, name: new})
        )

    def _unload(self) -> None:
        """The engine process may be another one now."""
        self._loaded = frozenset()

    def _connect(self) -> None:
        window = self._window
        window.workspace.history_changed.connect(self._timer.start)
        window.workspace.opened.connect(self._timer.start)
        window.workspace.closed.connect(self._timer.start)
        self._panel.choice_changed.connect(self._timer.start)
        self._panel.advanced.context.valueChanged.connect(lambda: self._timer.start())
        window.controller.running_changed.connect(self._follow)
        window.controller.landed.connect(self._learn)
        window.worker.failed.connect(self._unload)
        window.worker.stopped.connect(self._unload)
        window.commands.connect_all({"show_context": lambda: self._show_frames(hovered=False)})
