"""Loads an engine before it is needed, while the user is still painting."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inpaint_studio.ui.fill_request import FillChoice, make_setup
from inpaint_studio.ui.jobs import run_in_background

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_studio.engines.api import EngineSetup
    from inpaint_studio.ui.worker import InferenceThread
    from inpaint_studio.weights.library import Library

TARGET = "inpaint_studio.ui.engine_process:warm_up"


class WarmUp(QObject):
    """Asks the engine process for an engine once, until another is wanted or the process ends.

    What goes wrong is not said here: the fill will say it.
    """

    def __init__(
        self, worker: InferenceThread, library: Callable[[], Library], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._library = library
        self._wanted: tuple[str, str, str] | None = None
        worker.failed.connect(self._forget)
        worker.stopped.connect(self._forget)

    def want(self, choice: FillChoice) -> None:
        """Load what `choice` needs, unless that has been asked for already."""
        wanted = (choice.engine, choice.card, choice.device)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        run_in_background(
            self,
            lambda: make_setup(choice, self._library()),
            on_done=partial(self._ask, choice.engine),
        )

    def _ask(self, engine: str, setup: EngineSetup) -> None:
        self._worker.call(TARGET, engine, setup, warm=True, ahead=True)

    def _forget(self) -> None:
        """The process may be another one now."""
        self._wanted = None
