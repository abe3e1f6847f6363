"""Copies the mask from one photo and pastes it on another."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QGuiApplication, QImage

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.ui.canvas.gesture import SelectionTask
from inpaint_studio.ui.jobs import run_in_background

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.imaging.selection import Selecting as Run
    from inpaint_studio.ui.selecting import Selecting
    from inpaint_studio.ui.workspace import Workspace

KIND = "application/x-inpaint-studio-mask"
_HEAD = struct.Struct("<II")
_LARGEST = 1 << 30
"""Pixels of a mask that is believed."""


class MaskClipboard(QObject):
    """The system's clipboard, as far as masks go: a mask as the program packs it, or a picture of
    which white is filled. A mask of another size is scaled to the photo."""

    def __init__(self, workspace: Workspace, selecting: Selecting, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selecting = selecting

    def copy(self) -> None:
        """Put the mask on the clipboard."""
        document = self._workspace.document
        if document is None:
            return
        if not document.mask.any():
            self._workspace.status.emit(self.tr("There is no mask to copy: paint one first."))
            return
        mask = document.mask.copy()
        run_in_background(
            self,
            lambda: packed_mask(mask),
            on_done=self._offer,
            on_problem=self._workspace.problem.emit,
        )

    def paste(self) -> None:
        """Make what is on the clipboard the mask."""
        document = self._workspace.document
        data = QGuiApplication.clipboard().mimeData() or QMimeData()  # none where it is empty
        if document is None:
            return
        size = document.size
        if data.hasFormat(KIND):
            packed = bytes(data.data(KIND).data())
            self._run(lambda: fitted(unpacked_mask(packed), size))
        elif data.hasImage():
            image = QGuiApplication.clipboard().image()
            self._run(lambda: fitted(mask_of_image(image), size))
        else:
            self._workspace.status.emit(
                self.tr("There is no mask on the clipboard: copy one with Mask ▸ Copy first.")
            )

    def _offer(self, packed: bytes) -> None:
        data = QMimeData()
        data.setData(KIND, packed)
        QGuiApplication.clipboard().setMimeData(data)
        self._workspace.status.emit(self.tr("Copied the mask; paste it on another photo."))

    def _run(self, make: Callable[[], Coverage]) -> None:
        def select() -> Run:
            yield
            return make()

        self._selecting.run(SelectionTask(self.tr("Paste mask"), "replace", select))


def packed_mask(mask: Coverage) -> bytes:
    """(H, W) uint8 as bytes that know their size."""
    return _HEAD.pack(*mask.shape) + zlib.compress(np.ascontiguousarray(mask).data, 1)


def unpacked_mask(data: bytes) -> Coverage:
    """The mask of `packed_mask`; nothing masked, 1 x 1, where the bytes are no such thing."""
    try:
        height, width = _HEAD.unpack_from(data)
        if not 0 < height * width <= _LARGEST:
            raise ValueError("no such size")
        packer = zlib.decompressobj()
        raw = packer.decompress(data[_HEAD.size :], height * width)
        return np.frombuffer(raw, np.uint8).reshape(height, width)
    except (ValueError, struct.error, zlib.error):
        return np.zeros((1, 1), np.uint8)


def mask_of_image(image: QImage) -> Coverage:
    """(H, W) uint8: how bright a picture is."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return rows[:, : grey.width()].copy()


def fitted(mask: Coverage, size: Size) -> Coverage:
    """The mask scaled to `size`."""
    import cv2

    if mask.shape == size:
        return mask
    scaled = cv2.resize(mask, (size.width, size.height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(scaled, np.uint8)
