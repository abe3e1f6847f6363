"""A piece of picture as floats that patches are laid on, rounded once when all of them lie there.

Plane by plane: numpy is slow where its innermost loop runs over colours, and a plane of a band fits
the processor's cache.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.blend import Blend, blended
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Pixels, full_scale

Plane = npt.NDArray[np.float32]

_ONE = np.float32(1)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Straight colours on the scale of `dtype`, and how opaque they are.

    Integers come back bit for bit where nothing was laid, as float32 holds every one of them.
    Floats do because nothing is written there: what lies beneath, or is not to be laid, may be
    anything, even NaN.
    """

    colors: npt.NDArray[np.float32]
    """(C, h, w), C = 1 or 3."""
    alpha: Plane | None
    """(h, w), 0 to 1; None where everything is opaque."""
    dtype: np.dtype[Any]
    spare: npt.NDArray[np.float32]
    """(2 + C, h, w) to compute in: fresh memory for every step would take longer than the steps."""

    @classmethod
    def of(cls, pixels: Pixels) -> Self:
        """A sheet of its own from (h, w, 1..4) pixels of a photo."""
        count = 1 if pixels.shape[2] <= 2 else 3
        colors = np.empty((count, *pixels.shape[:2]), np.float32)
        for channel in range(count):
            colors[channel] = pixels[:, :, channel]
        alpha = None
        if pixels.shape[2] > count:
            white = np.float32(full_scale(pixels.dtype))
            alpha = np.divide(pixels[:, :, count], white, dtype=np.float32)
        return cls(colors, alpha, pixels.dtype, _spare_for(colors))

    def cut(self, box: Box) -> "Sheet":
        """The part inside `box`, which is drawn on with it."""
        alpha = None if self.alpha is None else self.alpha[box.slices]
        rows, columns = box.slices
        spare = self.spare[:, rows, columns]
        return Sheet(self.colors[:, rows, columns], alpha, self.dtype, spare)

    def copy(self) -> "Sheet":
        alpha = None if self.alpha is None else self.alpha.copy()
        return Sheet(self.colors.copy(), alpha, self.dtype, self.spare)

    def put_by(self) -> "Sheet":
        """The sheet to be kept, without room to compute in: `taken_up` has it."""
        return replace(self, spare=self.spare[:0].copy())

    def taken_up(self) -> "Sheet":
        """A copy of what was put by, to lay on."""
        return replace(self.copy(), spare=_spare_for(self.colors))

    @property
    def nbytes(self) -> int:
        """Bytes of what it shows."""
        return self.colors.nbytes + (0 if self.alpha is None else self.alpha.nbytes)

    def write_to(self, pixels: Pixels) -> None:
        """Make (h, w, 1..4) pixels of `dtype` what the sheet shows."""
        for channel, plane in enumerate(self.colors):
            pixels[:, :, channel] = self._as_depth(plane)
        if self.alpha is not None:
            white = np.float32(full_scale(self.dtype))
            pixels[:, :, len(self.colors)] = self._as_depth(self.alpha * white)

    def lay(self, above: Pixels, alpha: Coverage, opacity: float, *, blend: Blend) -> None:
        """Lay (h, w, C) colours of the sheet's size and scale over it, (h, w) uint8 `alpha`."""
        if not alpha.any():
            return
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if blend != "normal":
                above = self._met(above, blend)
            if opacity >= 1 and int(alpha.min()) == 255:
                self._cover(above)
                return
            weight = self.spare[0]
            np.multiply(alpha, np.float32(min(opacity, 1.0) / 255), out=weight)
            self._mix(above, weight)

    def fade(self, before: "Sheet", opacity: float) -> None:
        """Go back towards an earlier sheet: `opacity`, 0 to 1, of what is new since then stays.

        With alpha colours count by how opaque they are.
        """
        where = None if self._whole else self._differs_from(before)
        share = np.float32(opacity)
        weight: Any = share
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if self.alpha is not None and before.alpha is not None:
                high: Plane = self.alpha * share
                mean: Plane = before.alpha * (_ONE - share) + high
                weight = np.where(mean > 0, high / mean, share)
                _put(mean, self.alpha, where)
            for old, plane in zip(before.colors, self.colors, strict=True):
                faded = np.multiply(old, _ONE - weight, dtype=np.float32)
                faded += plane * weight
                _put(faded, plane, where)

    @property
    def _whole(self) -> bool:
        """Whether weights of 0 and 1 need no care: arithmetic with whole numbers does that."""
        return self.dtype.kind != "f"

    def _cover(self, above: Pixels) -> None:
        for channel, plane in enumerate(self.colors):
            plane[...] = above[:, :, channel]
        if self.alpha is not None:
            self.alpha[...] = 1

    def _mix(self, above: Pixels, weight: Plane) -> None:
        """Lay colours at `weight` (h, w), 0 to 1. As a sum of shares 0 and 1 are exact."""
        where = None if self._whole else np.not_equal(weight, 0)
        solid = None if self._whole else np.equal(weight, 1)
        share = weight
        if self.alpha is not None:
            alpha = np.multiply(self.alpha, _ONE - weight, dtype=np.float32)
            alpha += weight
            share = np.divide(weight, alpha, out=np.zeros_like(weight), where=alpha > 0)
            _put(alpha, self.alpha, where)
        rest, new = self.spare[1], self.spare[2:]
        np.subtract(_ONE, share, out=rest)
        planes = above.transpose(2, 0, 1)
        np.multiply(planes, share, out=new)
        colors = self.colors
        if where is None:
            colors *= rest
            colors += new
            return
        new += colors * rest
        np.copyto(colors, new, where=where)
        np.copyto(colors, planes, where=solid)

    def _met(self, above: Pixels, blend: Blend) -> npt.NDArray[np.float32]:
        """The colours to lay: `above` as it meets what is there, as far as anything is."""
        below = self.colors.transpose(1, 2, 0)
        met = blended(below, above, blend, white=full_scale(self.dtype))
        if self.alpha is not None:
            met -= above
            met *= self.alpha[:, :, np.newaxis]
            met += above
        return met

    def _differs_from(self, before: "Sheet") -> npt.NDArray[np.bool_]:
        """(h, w) bool: any bit different, so that NaN equals itself and -0.0 is not 0.0."""
        differs = (self.colors.view(np.uint32) != before.colors.view(np.uint32)).any(axis=0)
        if self.alpha is not None and before.alpha is not None:
            differs |= self.alpha.view(np.uint32) != before.alpha.view(np.uint32)
        return differs

    def _as_depth(self, plane: Plane) -> npt.NDArray[Any]:
        """Sums of shares of what is in range are in range, but for what rounding takes away."""
        return np.rint(plane).astype(self.dtype) if self._whole else plane


def _spare_for(colors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.empty((2 + len(colors), *colors.shape[1:]), np.float32)


def _put(values: Plane, target: Plane, where: npt.NDArray[np.bool_] | None) -> None:
    np.copyto(target, values, where=True if where is None else where)
