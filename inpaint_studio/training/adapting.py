"""From a model of the library to a short run that goes on from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from inpaint_studio.errors import TrainingError, UsageError
from inpaint_studio.imaging.atomic import reason, write_bytes_atomically
from inpaint_studio.training.config import (
    CardText,
    CompletionLosses,
    Config,
    FeatureLosses,
    Masks,
    Network,
    Optimiser,
    PartialConvLosses,
    Photos,
    Run,
)
from inpaint_studio.training.feature_files import SMALL_FILE
from inpaint_studio.weights.card import ModelCard, card_toml, read_card

_PCONV_SMALL = PartialConvLosses(
    perceptual_out=0.0, perceptual_comp=0.2, style_out=0.0, style_comp=6.0
)
"""As the bundled networks were trained at last on the small VGG-19, at every eighth step (see
configs/studio-pconv-5.toml and configs/studio-completion-3.toml): other weights would spend the
minutes on another balance of losses, not on the pictures."""
_COMPLETION_SMALL = CompletionLosses(adversarial=0.0, perceptual=0.1, style=4.0, true_edges_every=3)
_SMALL_EVERY = 8
_SEEN = 1.25
"""Pictures are reduced to this many times the side that the model works at, so that crops show
things as large as it will meet them."""
_WIDEST = 128
"""Crops are no wider: in the same minutes the features of pictures held out came three to eight
times nearer than with crops of 256 pixels."""
_ANY_SIZE = 512
"""Working side taken for a model that has none."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The model to go on from, and its verified files by role."""

    card: ModelCard
    files: Mapping[str, Path]


def short_run(
    basis: Basis,
    out: Path,
    *,
    minutes: float,
    batch: int,
    rate: float,
    name: str,
    features: Path | None = None,
    lists: tuple[Path, ...] = (),
    seed: int = 1,
) -> Config:
    """A config for a few minutes of training that starts from `basis`.

    Partial convolution goes on with its encoder's batch norm standing still; of EdgeConnect the
    completion generator goes on, on the edges its edge generator draws.

    Raises:
        UsageError: the model's engine learns nothing.
    """
    _refuse_what_cannot_learn(basis.card)
    is_pconv = basis.card.engine == "pconv"
    start = basis.files["generator" if is_pconv else "completion"]
    edges = "" if is_pconv else str(basis.files["edges"])
    small = _is_small(features)
    completion = _COMPLETION_SMALL if small else CompletionLosses(adversarial=0.0)
    working = basis.card.size_rule.working or _ANY_SIZE
    return Config(
        stage="pconv-finetune" if is_pconv else "completion-on-generated",
        out=str(out),
        seed=seed,
        photos=Photos(
            lists=tuple(map(str, lists)), short_side=round(_SEEN * working), store=str(out)
        ),
        masks=Masks(kinds=("strokes", "blobs", "boxes", "scratches"), least=0.02, most=0.4),
        network=Network(start=str(start), edges=edges, dialect=basis.card.dialect),
        features=_features(features, is_pconv=is_pconv),
        pconv=_PCONV_SMALL if small else PartialConvLosses(),
        completion=replace(completion, lines=basis.card.line_thresholds),
        optimiser=Optimiser(rate=rate, betas=(0.9, 0.999), schedule="cosine", warm_up=5),
        run=Run(
            minutes=minutes,
            batch=batch,
            crop=fitting_crop(basis.card, min(working, _WIDEST)),
            report_every=10,
            sheet_every=0,
        ),
        card=_text(basis.card, name),
    )


def _features(file: Path | None, *, is_pconv: bool) -> FeatureLosses:
    if file is None:
        return FeatureLosses()
    small = _is_small(file)
    return FeatureLosses(
        file=str(file), every=_SMALL_EVERY if small else 1, half_size=is_pconv or not small
    )


def _is_small(features: Path | None) -> bool:
    return features is not None and features.name == SMALL_FILE


def fitting_crop(card: ModelCard, side: int) -> int:
    """The smallest crop of at least `side` pixels that the model's networks take."""
    multiple = max(4, card.size_rule.multiple_of)
    return -(-side // multiple) * multiple


def describe(card_file: Path, basis: ModelCard, *, title: str, learnt: str) -> None:
    """Give the card of a short run what it has from the model it began with.

    Raises:
        TrainingError: the card could not be written.
    """
    card = replace(
        read_card(card_file),
        title=title,
        origin=f"{basis.title} ({basis.origin}); adapted with Inpaint Studio",
        trained_on=f"{basis.trained_on} Then on {learnt}.",
        size_rule=basis.size_rule,
        line_thresholds=basis.line_thresholds,
        poses=basis.poses,
    )
    try:
        write_bytes_atomically(card_file, card_toml(card), overwrite=True)
    except OSError as error:
        raise TrainingError(f"{card_file} could not be written: {reason(error)}.") from error


def _text(card: ModelCard, name: str) -> CardText:
    return CardText(
        name=name,
        title=name,
        licence=card.licence,
        commercial_use=card.commercial_use,
        good_at="Pictures like those it was adapted to.",
    )


def _refuse_what_cannot_learn(card: ModelCard) -> None:
    if card.engine not in ("pconv", "edgeconnect"):
        raise UsageError(
            f"The model {card.name} cannot be adapted: only partial convolution and EdgeConnect "
            "learn."
        )
