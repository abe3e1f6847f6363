"""Which photos of a folder are filled with which masks, and where each is saved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from inpaint_studio.cli.fill import FillArguments
from inpaint_studio.cli.variants import variants_of
from inpaint_studio.engines.registry import EngineEntry
from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.formats import READABLE_SUFFIXES, WRITABLE_SUFFIXES

MARKS = ("", "-mask", "_mask")
"""What a mask may be called beside its photo's name: photo.jpg, photo.png, photo-mask.png."""
THERE = "saved before"
NO_MASK = "no mask"


@dataclass(frozen=True, slots=True)
class Job:
    """One photo of many: the fills to make of it, or why there are none."""

    photo: Path
    orders: tuple[FillArguments, ...] = ()
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to be done, and the masks that belong to no photo."""

    jobs: tuple[Job, ...]
    unused: tuple[Path, ...] = ()


def means_many(photos: Sequence[Path], order: FillArguments) -> bool:
    """Whether folders or several photos were named, so that `out` is a folder, too."""
    return (
        len(photos) > 1
        or any(path.is_dir() for path in (photos[0], order.out, order.mask) if path)
        or _is_pattern(photos[0])
    )


def plan_jobs(photos: Sequence[Path], order: FillArguments, engine: EngineEntry) -> Plan:
    """A job for each photo, in the order named, those of a folder by name.

    Raises:
        UsageError: there is no photo, none has a mask, or a file would be written twice or over a
            photo.
    """
    _check_folders(order)
    found = tuple(dict.fromkeys(file for path in photos for file in _expanded(path)))
    masks = _by_stem(order.mask) if order.mask and order.mask.is_dir() else None
    if masks is not None:
        found = _without_masks(found, order.mask)
    if not found:
        raise UsageError(
            f"There is no photo in {photos[0]}. Those are read: {', '.join(READABLE_SUFFIXES)}."
        )
    chosen = {photo: _mask_of(photo, order, masks, set(found)) for photo in found}
    if order.mask and not any(chosen.values()):
        raise UsageError(
            f"No photo has a mask in {order.mask}. Masks are called like their photos: "
            f"{found[0].stem}.png or {found[0].stem}-mask.png."
        )
    jobs = tuple(_job(photo, chosen[photo], order, engine) for photo in found)
    _check_distinct(jobs, set(found), overwrite=order.overwrite)
    whole = any(path.is_dir() for path in photos)  # of some of a folder, others have their masks
    return Plan(jobs, _unused(masks, {*chosen.values(), *found}) if whole else ())


def _check_folders(order: FillArguments) -> None:
    for folder in (order.out, order.sheet, order.edges_out):
        if folder is not None and folder.is_file():
            raise UsageError(f"{folder} is a file. With several photos, name a folder instead.")
    if order.edges_in is not None:
        raise UsageError("--edges-in is for a single photo. Leave it out, or name one photo.")
    if order.mask is not None and not order.mask.exists():
        raise UsageError(f"There is no mask or folder of masks at {order.mask}.")


def _expanded(path: Path) -> Iterator[Path]:
    """The photos that a path means: itself, those in a folder, or those a pattern fits."""
    if path.is_dir():
        yield from _pictures(path)
    elif _is_pattern(path):  # a shell that expands none, or a pattern in quotes
        here = Path(path.anchor or ".")
        found = here.glob(str(path.relative_to(path.anchor)))
        yield from sorted(file for file in found if file.is_file())
    else:
        yield path


def _is_pattern(path: Path) -> bool:
    return bool({*"*?["} & {*str(path)}) and not path.exists()


def _pictures(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".")  # also what macOS leaves beside each file: ._photo.jpg
        if path.suffix.lower() in READABLE_SUFFIXES and not hidden and path.is_file():
            yield path


def _by_stem(folder: Path) -> Mapping[str, list[Path]]:
    masks: dict[str, list[Path]] = {}
    for path in _pictures(folder):
        masks.setdefault(path.stem, []).append(path)
    return masks


def _without_masks(photos: Iterable[Path], folder: Path | None) -> tuple[Path, ...]:
    """Where photos and masks lie in one folder: only the photos."""
    photos = tuple(photos)
    stems = {photo.stem for photo in photos}
    return tuple(
        photo
        for photo in photos
        if photo.parent != folder
        or not any(mark and photo.stem.removesuffix(mark) in stems - {photo.stem} for mark in MARKS)
    )


def _mask_of(
    photo: Path,
    order: FillArguments,
    masks: Mapping[str, list[Path]] | None,
    photos: set[Path],
) -> Path | None:
    """The mask of that name; None where there is none, or the photo's transparency is the mask."""
    if masks is None:
        return order.mask
    fitting = [
        mask for mark in MARKS for mask in masks.get(photo.stem + mark, ()) if mask not in photos
    ]
    if len(fitting) > 1:
        names = " and ".join(mask.name for mask in fitting)
        raise UsageError(f"{photo.name} has more than one mask: {names}. Keep one of them.")
    return fitting[0] if fitting else None


def _job(photo: Path, mask: Path | None, order: FillArguments, engine: EngineEntry) -> Job:
    if mask is None and order.mask is not None:
        return Job(photo, left_out=NO_MASK)
    single = replace(
        order,
        photo=photo,
        mask=mask,
        out=order.out / f"{photo.stem}{_suffix(photo, order)}",
        sheet=order.sheet / f"{photo.stem}.jpg" if order.sheet else None,
        edges_out=order.edges_out / f"{photo.stem}.png" if order.edges_out else None,
    )
    orders = variants_of(single, engine)
    if not order.overwrite:
        orders = tuple(one for one in orders if not _is_there(one, photo))
    return Job(photo, orders, "" if orders else THERE)


def _is_there(order: FillArguments, photo: Path) -> bool:
    """Whether an earlier run saved it; the photo itself is no fill."""
    return order.out.exists() and not (photo.exists() and order.out.samefile(photo))


def _suffix(photo: Path, order: FillArguments) -> str:
    """The ending to save with: the one asked for, the photo's own, or that of a lossless format."""
    if order.format:
        return f".{order.format}"
    return photo.suffix if photo.suffix.lower() in WRITABLE_SUFFIXES else ".png"


def _check_distinct(jobs: Sequence[Job], photos: set[Path], *, overwrite: bool) -> None:
    places = {photo.resolve(): photo for photo in photos}
    taken: dict[Path, Path] = {}
    for job in jobs:
        for output in _outputs(job):
            place = output.resolve()
            first = taken.setdefault(place, job.photo)
            if first != job.photo:
                raise UsageError(
                    f"{first.name} and {job.photo.name} would both be saved as {output}. "
                    "Rename one of them."
                )
            replaced = places.get(place)
            if replaced is not None and not (overwrite and replaced == job.photo):
                raise UsageError(
                    f"{output} would replace the photo {replaced.name}. Choose another folder "
                    "with -o, or add --overwrite to replace each photo by its own fill."
                )


def _outputs(job: Job) -> Iterator[Path]:
    for order in job.orders:
        yield from (path for path in (order.out, order.sheet, order.edges_out) if path)


def _unused(
    masks: Mapping[str, list[Path]] | None, used: Iterable[Path | None]
) -> tuple[Path, ...]:
    known = set(used)
    every = (mask for found in (masks or {}).values() for mask in found)
    return tuple(sorted(mask for mask in every if mask not in known))
