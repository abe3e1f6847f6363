"""The open picture: a photo nobody edits, layers on top of it, and the mask being painted."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

import numpy as np

from inpaint_studio.document.history import History
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.imaging.composite import flatten
from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.mask import Coverage, Mask
from inpaint_studio.imaging.photo import Patch, Photo, Pixels


class Document:
    """Holds state and nothing clever; commands pushed to `history` change it.

    `layers` are bottom first; `groups` are those that any of them lies in. `mask` is the (H, W)
    uint8 canvas of the mask (0 keep, 255 fill), written only by strokes and by `PaintMask`.
    """

    def __init__(
        self, photo: Photo, path: Path | None = None, *, history: History | None = None
    ) -> None:
        self.photo = photo
        self.path = path
        self.layers: tuple[Layer, ...] = ()
        self.groups: tuple[Group, ...] = ()
        self.mask: Coverage = np.zeros(photo.size, np.uint8)
        self.history = history if history is not None else History()
        self._next_layer_id = 1
        self._saved_state = self.history.state

    @classmethod
    def from_photo(cls, photo: Photo, path: Path | None = None) -> Self:
        """A fresh document of an opened photo."""
        return cls(photo, path)

    @property
    def size(self) -> Size:
        return self.photo.size

    @property
    def modified(self) -> bool:
        """Whether there is anything that `saved` has not been told of."""
        return self.history.state != self._saved_state

    def saved(self) -> None:
        """Say that the document as it is now is in a file."""
        self._saved_state = self.history.state

    def new_layer_id(self) -> int:
        """A number no layer or group of this document has had."""
        number = self._next_layer_id
        self._next_layer_id += 1
        return number

    def adopt(self, layers: Iterable[Layer], groups: Iterable[Group] = ()) -> None:
        """Begin with these, read from a file, before any step of the history."""
        self.layers, self.groups = tuple(layers), tuple(groups)
        taken = [*(layer.id for layer in self.layers), *(group.id for group in self.groups)]
        self._next_layer_id = max([self._next_layer_id - 1, *taken]) + 1

    def layer(self, id: int) -> Layer:
        """The layer of that id. KeyError when there is none."""
        for layer in self.layers:
            if layer.id == id:
                return layer
        raise KeyError(id)

    def patches(self) -> list[tuple[Patch, float]]:
        """(patch, opacity) of the visible layers, bottom first."""
        return [(layer.patch, layer.opacity) for layer in self.layers if layer.visible]

    def flatten(self, box: Box | None = None) -> Pixels:
        """The photo with its visible layers, in `box` or everywhere: a (h, w, C) copy."""
        return flatten(self.photo, self.patches(), box)

    def snapshot_mask(self) -> Mask:
        """The mask as it is now, for a fill; later strokes do not change it."""
        return Mask(self.mask.copy())

    def close(self) -> None:
        """Give back what the history holds in memory and on disk."""
        self.history.close()
