"""A hand that does anything in the window, and waits for it like a person."""

import random
import time
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget
from soak_checks import LostError, digest

from inpaint_studio.ui.jobs import BackgroundJob
from inpaint_studio.ui.palette import Palette

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier

BEYOND = {"quit", "close", "open", "models", "compare_engines", "full_screen"}
"""Actions with places of their own here, or that need what is not there (models, the net)."""
ENGINES = ("telea", "navier-stokes", "patchmatch", "thin")
"""Without a card; the scripted engine answers for all of them."""
PATIENCE = 300
"""Seconds to wait for anything; a busy machine is slow, not broken."""


class Hand:
    """Does random things. `self.doing` names the latest."""

    def __init__(self, window, dice: random.Random, photos, folder) -> None:
        self.window, self.dice, self.photos, self.folder = window, dice, photos, folder
        self.workspace, self.canvas = window.workspace, window.canvas
        self.doing = "start"
        self.done: Counter[str] = Counter()

    # -- doing anything

    def act(self) -> None:
        names = list(self.CHANCES)
        name = self.dice.choices(names, [self.CHANCES[each] for each in names])[0]
        if self.workspace.document is None and name not in ("reopen", "resize", "find", "trigger"):
            name = "reopen"
        self.doing = name
        self.done[name] += 1
        getattr(self, name)()
        self.breathe()
        self.leave_dialogs()

    CHANCES = {
        "stroke": 26, "shape": 8, "retouch": 3, "trigger": 22, "find": 3, "look": 12, "keys": 5,
        "resize": 2, "fill": 5, "history": 14, "layers": 12, "panel": 4, "save": 1.5, "reopen": 0.7,
    }  # fmt: skip

    def stroke(self) -> None:
        self.canvas.brush_size = self.dice.choice([3, 12, 40, 90, 200])
        self.canvas.hardness = self.dice.random()
        self.canvas.set_tool(self.dice.choice(["brush", "brush", "eraser"]))
        self.drag(self.dice.choice([LEFT, LEFT, LEFT, RIGHT]))

    def shape(self) -> None:
        tool = self.dice.choice(["lasso", "polygon", "wand", "object", "hand"])
        self.canvas.set_tool(tool)
        if tool != "polygon":
            self.drag(LEFT, self.dice.choice([NONE, NONE, ALT, SHIFT]))
            return
        for _ in range(self.dice.randint(1, 5)):
            QTest.mouseClick(self.canvas, LEFT, NONE, self.spot())
        ends = [Qt.Key.Key_Return, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Backspace]
        QTest.keyClick(self.canvas, self.dice.choice(ends))

    def retouch(self) -> None:
        tool = self.dice.choice(["heal", "clone"])
        self.canvas.set_tool(tool)
        self.canvas.brush_size = self.dice.choice([8, 20, 50])
        if tool == "clone":
            QTest.mouseClick(self.canvas, LEFT, ALT, self.spot())
        self.drag(LEFT)

    def drag(self, button: Qt.MouseButton, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.canvas, button, keys, self.spot())
        for _ in range(self.dice.randint(0, 6)):
            at = self.spot()
            QTest.mouseMove(self.canvas, at)
        if self.dice.random() < 0.05:
            QTest.keyClick(self.canvas, Qt.Key.Key_Escape)
        QTest.mouseRelease(self.canvas, button, keys, self.spot())

    def spot(self) -> QPoint:
        return QPoint(
            self.dice.randrange(max(1, self.canvas.width())),
            self.dice.randrange(max(1, self.canvas.height())),
        )

    def trigger(self) -> None:
        ready = [action for spec, action in self.window.commands if spec.id not in BEYOND]
        action: QAction = self.dice.choice([each for each in ready if each.isEnabled()])
        self.doing = f"trigger {action.objectName()}"
        self.done[action.objectName()] += 1
        action.trigger()
        self.breathe()
        if self.dice.random() < 0.3:
            self.answer()

    def answer(self) -> None:
        """Say yes to a dialog that asks for an amount."""
        dialog = self.dialog()
        if dialog is not None and type(dialog).__name__ in ("AmountDialog", "LiveDialog"):
            self.wait(0.05)
            dialog.accept()

    def find(self) -> None:
        self.window.commands["palette"].trigger()
        palette = self.window.findChild(Palette)
        letters = self.dice.choice(
            ["inv", "zoom", "grow", "hide", "clear", "xyzzy", "feath", "sho"]
        )
        QTest.keyClicks(palette.field, letters)
        key = self.dice.choice([Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Down])
        QTest.keyClick(palette.field, key)
        if key == Qt.Key.Key_Down:
            QTest.keyClick(palette.field, Qt.Key.Key_Escape)

    def look(self) -> None:
        what = self.dice.randrange(6)
        if what < 3:
            at = QPointF(self.spot())
            turn = QPoint(0, self.dice.choice([-240, -120, 120, 240]))
            wheel = QWheelEvent(
                at, self.canvas.mapToGlobal(at), QPoint(), turn, Qt.MouseButton.NoButton,
                self.dice.choice([NONE, SHIFT, Qt.KeyboardModifier.ControlModifier]),
                Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(self.canvas, wheel)
        elif what == 3:
            self.canvas.zoom_to(self.dice.choice([0.1, 0.33, 0.5, 1, 2, 5, 17]))
        elif what == 4:
            self.canvas.zoom_fit()
        else:
            self.canvas.navigation.pan(self.dice.uniform(-400, 400), self.dice.uniform(-400, 400))

    def keys(self) -> None:
        key = self.dice.choice([Qt.Key.Key_Space, Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_X])
        self.canvas.setFocus()
        QTest.keyPress(self.canvas, key)
        if self.dice.random() < 0.4:
            self.drag(LEFT)
        QTest.keyRelease(self.canvas, key)

    def resize(self) -> None:
        self.window.resize(self.dice.randint(860, 1580), self.dice.randint(560, 980))

    def fill(self) -> None:
        self.window.column.fill.choose(self.dice.choice(ENGINES))
        self.window.filling.start()
        if self.dice.random() < 0.15:
            self.window.filling.stop()
        if self.dice.random() < 0.7:
            self.idle()

    def history(self) -> None:
        document = self.workspace.document
        if self.dice.random() < 0.15:
            self.workspace.jump(self.dice.randint(0, len(document.history.titles)))
            return
        for _ in range(self.dice.randint(1, 6)):
            self.window.commands[self.dice.choice(["undo", "undo", "redo"])].trigger()

    def layers(self) -> None:
        document, model = self.workspace.document, self.window.column.layers.model
        things = [*document.layers, *document.groups]
        if not things:
            return
        chosen = self.dice.choice(things)
        what = self.dice.randrange(7)
        if what < 2:
            model.toggle(chosen.id)
        elif what == 2:
            self.workspace.set_active_layer(chosen.id)
            self.window.column.layers.opacity.setValue(self.dice.randint(0, 100))
        elif what == 3:
            model.toggle_lock(chosen.id)
        elif what == 4:
            combo = self.window.column.layers.blend
            self.workspace.set_active_layer(chosen.id)
            if combo.isEnabled():
                combo.setCurrentIndex(self.dice.randrange(combo.count()))
                combo.activated.emit(combo.currentIndex())
        elif what == 5:
            model.fold(chosen.id)
        else:
            self.workspace.set_active_layer(chosen.id)

    def panel(self) -> None:
        """Right-click in the list of layers, hover, choose a step by its row."""
        steps = self.window.column.history.steps
        if self.dice.random() < 0.5 and steps.count():
            steps.setCurrentRow(self.dice.randrange(steps.count()))
        else:
            self.window.column.layers.list.setCurrentIndex(
                self.window.column.layers.model.index(
                    self.dice.randrange(self.window.column.layers.model.rowCount() or 1)
                )
            )

    def save(self) -> None:
        """As a project; then what was saved is opened again, and is the same."""
        self.idle()
        self.canvas.cancel()
        self.window.mode_bar.leave()
        document = self.workspace.document
        path = self.folder / "soak.ora"
        before, state = digest(document), document.history.state
        self.window.parts.projects.save_to(path)
        self.until(lambda: not self.window.parts.projects._saving, "the project to be saved")
        if document.history.state != state:
            return  # a stroke that fills on release landed meanwhile
        if document.modified:
            raise LostError("a document that was just saved is modified")
        if self.dice.random() < 0.6:
            self.open(path)
            if digest(self.workspace.document) != before:
                raise LostError("the project is not what was saved")

    def reopen(self) -> None:
        self.idle()
        if self.workspace.document is not None and self.dice.random() < 0.5:
            self.window.commands["close"].trigger()
            self.breathe()
            question = self.dialog()
            if question is not None:
                question.done(question.StandardButton.Discard.value)
            self.workspace.close_document()
            self.breathe()
        self.open(self.dice.choice(self.photos))

    # -- getting there

    def open(self, path: Path) -> None:
        opened = []
        self.workspace.opened.connect(opened.append)
        self.workspace.open(path)
        self.until(lambda: bool(opened), f"{path.name} to be opened")
        self.workspace.opened.disconnect(opened.append)

    def open_first(self) -> None:
        self.open(self.photos[0])

    def rest(self) -> None:
        """Leave what is under way, and wait until everything is shown."""
        self.doing = "rest"
        self.idle()
        self.canvas.cancel()
        self.window.mode_bar.leave()
        self.breathe()
        scene, navigation = self.canvas.scene, self.canvas.navigation
        self.until(
            lambda: navigation.viewport is None or scene.is_complete(navigation.viewport),
            "the tiles",
        )

    def idle(self) -> None:
        """Wait for fills, and whatever else is under way."""
        self.until(lambda: not self.window.controller.running, "the fill to end")
        self.until(lambda: not jobs(), "background jobs", jobs)
        self.until(lambda: not self.window.parts.retouching.busy, "retouching")

    def until(self, holds, what: str, explain=lambda: "") -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            self.leave_dialogs()
            self.breathe()
            time.sleep(0.002)
            if time.monotonic() > end:
                raise LostError(f"waited for {what} in vain {explain()}")

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.breathe()
            time.sleep(0.005)

    def breathe(self) -> None:
        for _ in range(3):
            QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def dialog(self) -> QWidget | None:
        found = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if found is None:
            shown = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
            found = next((each for each in shown if isinstance(each, QDialog | QMenu)), None)
        return found

    def leave_dialogs(self) -> None:
        """Escape leaves every dialog, menu and the palette."""
        for _ in range(6):
            palette = self.window.findChild(Palette)
            if palette is not None and palette.isVisible():
                QTest.keyClick(palette.field, Qt.Key.Key_Escape)
                self.breathe()
            found = self.dialog()
            if found is None:
                return
            QTest.keyClick(found, Qt.Key.Key_Escape)
            self.breathe()
            if isinstance(found, QDialog) and self.dialog() is found:
                self.wait(0.1)
        raise LostError(f"Escape does not leave {found!r} {found.windowTitle()!r}")


def jobs() -> list[str]:
    """What is being done in the background."""
    found = QApplication.instance().findChildren(BackgroundJob)
    return [f"{job._work} running={job.isRunning()} stopped={job._stopped}" for job in found]
