"""Many photos filled one after another with one engine, whatever becomes of each of them.

Imported only once the arguments make sense, as `fill_steps`.
"""

from collections.abc import Sequence
from pathlib import Path

from inpaint_studio.cli.batch_jobs import Job, plan_jobs
from inpaint_studio.cli.batch_progress import BatchReporter, Tally
from inpaint_studio.cli.fill import FillArguments
from inpaint_studio.cli.fill_steps import Bench, EmptyMaskError, fill_photo, open_bench
from inpaint_studio.cli.progress import FillSummary, Reporter
from inpaint_studio.cli.unexpected import unexpected
from inpaint_studio.errors import PhotoError, StudioError
from inpaint_studio.imaging.atomic import reason


def fill_many(photos: Sequence[Path], order: FillArguments, reporter: BatchReporter) -> bool:
    """Fill each photo with its mask; a failure is told and the next photo taken in hand.

    `order.out`, and `order.mask` where there is one for each photo, are folders. False where any
    failed, or nothing came of it. Stopped, it tells what was done; each file is whole or not there.

    Raises:
        UsageError: nothing could be begun as asked.
        PhotoError: the folder to save in cannot be made.
    """
    bench = open_bench(order)
    plan = plan_jobs(photos, order, bench.model.engine)
    for folder in (order.out, order.sheet, order.edges_out):
        _make_folder(folder)
    tally = Tally(len(plan.jobs), plan.unused)
    try:
        for number, job in enumerate(plan.jobs, 1):
            reporter.began(job.photo, number, len(plan.jobs))
            _do(job, bench, reporter, tally)
    finally:
        reporter.ended(tally)
    return tally.succeeded


def _do(job: Job, bench: Bench, reporter: BatchReporter, tally: Tally) -> None:
    if job.left_out:
        _leave_out(job, job.left_out, reporter, tally)
        return
    try:
        fill_photo(job.orders, bench, _Counting(reporter, tally))
        tally.filled += 1
    except EmptyMaskError:
        _leave_out(job, "their masks mark nothing", reporter, tally)
    except Exception as error:  # one photo is no reason to leave the others
        tally.failed.append(job.photo)
        told = str(error) if isinstance(error, StudioError) else unexpected(error)
        reporter.failed(job.photo, told)


def _leave_out(job: Job, why: str, reporter: BatchReporter, tally: Tally) -> None:
    tally.left_out.setdefault(why, []).append(job.photo)
    reporter.left_out(job.photo, why)


class _Counting:
    """Passes on what a fill tells, and counts files that did not keep every pixel."""

    def __init__(self, reporter: Reporter, tally: Tally) -> None:
        self._tally = tally
        self.progress = reporter.progress
        self.edges = reporter.edges
        self._finished = reporter.finished

    def finished(self, summary: FillSummary) -> None:
        if not summary.lossless:
            self._tally.encoded[summary.out.suffix.lstrip(".").upper()] += 1
        self._finished(summary)


def _make_folder(folder: Path | None) -> None:
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"The folder {folder} cannot be made: {reason(error)}.") from error
