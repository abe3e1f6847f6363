"""One order for each of several fills of the same holes, which differ by their seed."""

from dataclasses import replace
from pathlib import Path

from inpaint_studio.cli.fill import FillArguments
from inpaint_studio.engines.registry import EngineEntry
from inpaint_studio.errors import UsageError


def variants_of(order: FillArguments, engine: EngineEntry) -> tuple[FillArguments, ...]:
    """The orders that `order` stands for: itself, or as many as it asks for.

    Each has the next seed, and every file it writes a number: "out.png" becomes "out-1.png".

    Raises:
        UsageError: the engine makes the same fill whatever the seed.
    """
    if order.variants is None:
        return (order,)
    if not engine.draws_lots:
        raise UsageError(
            f"The engine {engine.name} makes the same fill with every seed. "
            "Leave out --variants, or choose --engine patchmatch."
        )
    return tuple(_variant(order, number) for number in range(1, order.variants + 1))


def _variant(order: FillArguments, number: int) -> FillArguments:
    return replace(
        order,
        out=_numbered(order.out, number),
        edges_out=_numbered(order.edges_out, number) if order.edges_out else None,
        sheet=_numbered(order.sheet, number) if order.sheet else None,
        seed=order.seed + number - 1,
        variants=None,
    )


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number}{path.suffix}")
