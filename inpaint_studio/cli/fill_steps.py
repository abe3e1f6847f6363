"""The steps of one fill in this process: read, choose the model, restore, compose, save, check.

Imported only once the arguments make sense, since it brings numpy with it.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from inpaint_studio.cli.fill import FillArguments
from inpaint_studio.cli.fill_options import area_in, engine_options
from inpaint_studio.cli.outputs import check_outputs
from inpaint_studio.cli.progress import FillSummary, Reporter
from inpaint_studio.cli.sheet import panels_of, sheet_format, write_sheet
from inpaint_studio.cli.variants import variants_of
from inpaint_studio.document.export import count_changed_outside, with_provenance
from inpaint_studio.document.layer import Layer
from inpaint_studio.engines.api import EdgeMap, FillEvent, Progress
from inpaint_studio.engines.edge_maps import gather_edges
from inpaint_studio.engines.registry import DEFAULT_ENGINE, EngineEntry, engine_entry
from inpaint_studio.engines.restore import Restoration, RestoreOptions
from inpaint_studio.engines.task import EngineShelf, FillTask, run_fill
from inpaint_studio.errors import MaskError, UsageError
from inpaint_studio.imaging.files import (
    MaskReading,
    WriteOptions,
    is_lossless,
    mask_from_alpha,
    read_edges,
    read_mask,
    read_photo,
    write_edges,
    write_photo,
)
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Coverage, Mask
from inpaint_studio.imaging.maskops import grow_coverage
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.project.fill_record import provenance, recipe_of, request_digest
from inpaint_studio.steps import followed
from inpaint_studio.weights.card import ModelCard
from inpaint_studio.weights.library import Library, open_library


@dataclass(frozen=True, slots=True)
class Model:
    """What the fill runs with."""

    engine: EngineEntry
    card: ModelCard | None


@dataclass(frozen=True, slots=True)
class Bench:
    """What all fills of one run share; the engines on the shelf stay warm between them."""

    library: Library
    model: Model
    shelf: EngineShelf


class EmptyMaskError(MaskError):
    """The mask marks nothing to fill."""


def fill_file(order: FillArguments, reporter: Reporter) -> None:
    """Carry out one `fill` or its variants; no file is written before its fill is complete."""
    bench = open_bench(order)
    fill_photo(variants_of(order, bench.model.engine), bench, reporter)


def open_bench(order: FillArguments) -> Bench:
    """The engine and model asked for, and whether they can do what is asked of them.

    Raises:
        UsageError: they cannot. WeightsError: the model is not here.
    """
    library = open_library()
    model = choose_model(order, library)
    engine_options(order, model.engine)
    return Bench(library, model, EngineShelf())


def fill_photo(orders: Sequence[FillArguments], bench: Bench, reporter: Reporter) -> None:
    """Carry out orders that differ by their seeds and outputs: one photo, one mask, several fills.

    Raises:
        StudioError: a file cannot be read or written, or the fill cannot be made.
    """
    order = orders[0]
    for one in orders:
        _check_files(one, bench.model.engine)
    photo = read_photo(order.photo)
    _try_saving(order, photo)
    mask, mask_notes = _read_mask(order, photo)
    notes = (*photo.metadata.notes, *mask_notes)
    for one in orders:
        task = _task(one, bench.model, bench.library, photo, mask)
        _fill(one, task, bench.shelf, reporter, notes)


def _fill(
    order: FillArguments,
    task: FillTask,
    shelf: EngineShelf,
    reporter: Reporter,
    notes: tuple[str, ...],
) -> None:
    """Fill, save, read back, and say so; `notes` are of what was read."""
    photo, mask = task.photo, task.mask
    started = perf_counter()
    restoration = follow(run_fill(task, shelf), reporter)
    seconds = perf_counter() - started
    result = restoration.over(photo)
    if order.provenance:
        result = tell_origin(result, task, restoration)
    allowed = grow_coverage(mask.coverage, order.grow)
    changed, saving_notes = _save(order, photo, result, allowed)
    _save_extras(order, photo, result, mask, restoration)
    reporter.finished(
        FillSummary(
            photo=order.photo,
            out=order.out,
            engine=task.engine,
            card=task.card.name if task.card else None,
            device=restoration.device or "cpu",
            seconds=round(seconds, 3),
            lossless=is_lossless(order.out, write_options(order)),
            changed_outside=changed,
            filled=int(np.count_nonzero(allowed)),
            pixels=photo.size.area,
            seed=order.seed,
            edges_out=order.edges_out,
            sheet=order.sheet,
            engines=restoration.engines or (task.engine,),
            notes=_once(notes, restoration.notes, saving_notes),
        )
    )


def _once(*groups: tuple[str, ...]) -> tuple[str, ...]:
    """All notes in order, each once."""
    return tuple(dict.fromkeys(note for group in groups for note in group))


def choose_model(order: FillArguments, library: Library) -> Model:
    """The engine and model asked for; a model alone names its engine.

    Raises:
        UsageError: there is no such engine, or the model belongs to another one.
        WeightsError: there is no such model.
    """
    card = library.find(order.model) if order.model else None
    entry = engine_entry(order.engine or (card.engine if card else DEFAULT_ENGINE))
    if card and card.engine != entry.card_engine:
        raise UsageError(
            f"The model {card.name} is for the engine {card.engine}, not for {entry.name}. "
            f"Leave out one of --model and --engine."
        )
    if card is None and entry.needs_card:
        card = library.default_for(entry.card_engine)
    return Model(entry, card)


def follow(run: Generator[FillEvent, None, Restoration], reporter: Reporter) -> Restoration:
    """Report each event of a fill and return its result; the fill is closed whatever happens."""

    def hear(event: FillEvent) -> None:
        if isinstance(event, Progress):
            reporter.progress(event.stage, event.done)
        elif isinstance(event, EdgeMap):
            reporter.edges(event.box)

    return followed(run, hear)


def tell_origin(result: Photo, task: FillTask, restoration: Restoration) -> Photo:
    """The result with the record of its fill in its metadata: the same that the window writes."""
    if restoration.patch is None:
        return result
    made = provenance(task, restoration, digest=request_digest(task), seconds=0)
    layer = Layer.from_patch(
        restoration.patch,
        id=1,
        name=f"{engine_entry(task.engine).title} fill",
        provenance=made,
        recipe=recipe_of(task),
    )
    return with_provenance(result, [layer])


def write_options(order: FillArguments) -> WriteOptions:
    """How to save, as far as the arguments say. Who asks for a quality wants small files."""
    options = WriteOptions(depth=order.depth)
    if order.quality is None:
        return options
    return replace(options, quality=order.quality, lossless=False)


def _check_files(order: FillArguments, engine: EngineEntry) -> None:
    if not engine.draws_edges and (order.edges_in or order.edges_out):
        raise UsageError(
            f"The engine {engine.name} does not work from edges. "
            "Leave out --edges-in and --edges-out, or choose --engine edgeconnect."
        )
    is_lossless(order.out, write_options(order))  # refuses a suffix it cannot write
    if order.sheet:
        sheet_format(order.sheet)
    others = tuple(path for path in (order.mask, order.edges_in, order.source, order.avoid) if path)
    extras = tuple(path for path in (order.edges_out, order.sheet) if path)
    check_outputs(order.out, extras, photo=order.photo, others=others, overwrite=order.overwrite)


def _try_saving(order: FillArguments, photo: Photo) -> None:
    """Save one row and one column of the photo and throw them away.

    Tells before a long fill whether the format can hold the photo and the disk takes files.
    """
    with TemporaryDirectory(dir=order.out.absolute().parent, prefix=".inpaint-") as folder:
        for strip in (photo.pixels[:1], photo.pixels[:, :1]):
            trial = Photo(strip, photo.profile, photo.metadata)
            write_photo(
                Path(folder, order.out.name), trial, options=write_options(order), overwrite=True
            )


def _read_mask(order: FillArguments, photo: Photo) -> tuple[Mask, tuple[str, ...]]:
    if order.mask is None:
        mask, notes = Mask.from_hole(mask_from_alpha(photo).coverage), ()
    else:
        mask, notes = _read_mask_file(order.mask, order, photo.size)
    if mask.is_empty:
        raise EmptyMaskError(_nothing_marked(order))
    return mask, notes


def _nothing_marked(order: FillArguments) -> str:
    if order.mask is None:
        return f"{order.photo} is transparent nowhere, so there is nothing to fill. Name a --mask."
    if order.white_fills:
        return (
            f"The mask {order.mask} marks nothing to fill: it is nowhere lighter than a middle "
            "grey. If black is meant to be filled, add --mask-sense black."
        )
    return (
        f"The mask {order.mask} marks nothing to fill: it is nowhere darker than a middle grey. "
        "If white is meant to be filled, leave out --mask-sense."
    )


def _read_mask_file(path: Path, order: FillArguments, size: Size) -> MaskReading:
    reading = read_mask(path, size=None, white_fills=order.white_fills)
    found = reading.mask.size
    if found == size:
        return reading
    if order.scale_mask:
        return read_mask(path, size=size, white_fills=order.white_fills, scale=True)
    raise MaskError(
        f"The mask {path} is {found.width} × {found.height} pixels but the photo is "
        f"{size.width} × {size.height}. Add --scale-mask to scale it to the photo."
    )


def _task(
    order: FillArguments, model: Model, library: Library, photo: Photo, mask: Mask
) -> FillTask:
    edges = read_edges(order.edges_in, photo.size) if order.edges_in else None
    return FillTask(
        photo=photo,
        mask=mask,
        engine=model.engine.name,
        card=model.card,
        files=library.files(model.card) if model.card else {},
        device=order.device,
        restore_options=RestoreOptions(
            grow=order.grow,
            feather=order.feather,
            context=order.context,
            seed=order.seed,
            edges=edges,
            options=engine_options(order, model.engine),
            allowed=area_in(order.source, model.engine, photo.size),
            forbidden=area_in(order.avoid, model.engine, photo.size),
        ),
    )


def _save(
    order: FillArguments, photo: Photo, result: Photo, allowed: Coverage
) -> tuple[int | None, tuple[str, ...]]:
    """Write the result, read it back, and count what changed outside the mask; notes on writing."""
    options = write_options(order)
    notes = write_photo(order.out, result, options=options, overwrite=order.overwrite)
    saved = read_photo(order.out).pixels
    return count_changed_outside(photo, saved, allowed, order.out, options=options), notes


def _save_extras(
    order: FillArguments, photo: Photo, result: Photo, mask: Mask, restoration: Restoration
) -> None:
    edges = gather_edges(restoration.edges, photo.size) if restoration.edges else None
    if order.edges_out:
        found = np.zeros(photo.size, np.float32) if edges is None else edges
        write_edges(order.edges_out, found, overwrite=order.overwrite)
    if order.sheet:
        panels = panels_of(photo, result, mask, edges)
        write_sheet(order.sheet, panels, overwrite=order.overwrite)
