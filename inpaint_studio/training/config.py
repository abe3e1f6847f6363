"""What to train, on what, how long: one TOML file. No torch here.

Paths in it are relative to the file's own folder. Every field has the papers' value unless said.
"""

import difflib
import re
from pathlib import Path
from typing import Annotated, Literal, get_type_hints

import msgspec

from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.atomic import reason
from inpaint_studio.weights.card import NAME_PATTERN, CommercialUse, Dialect

StageName = Literal[
    "pconv", "pconv-finetune", "edges", "completion", "completion-on-generated", "joint"
]
MaskKind = Literal["strokes", "blobs", "boxes", "halves", "scratches", "cracks", "objects"]

Count = Annotated[int, msgspec.Meta(ge=1)]
Steps = Annotated[int, msgspec.Meta(ge=0)]
Weight = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Photos(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where pictures come from."""

    folders: tuple[str, ...] = ()
    """Folders, searched with all their subfolders."""
    lists: tuple[str, ...] = ()
    """Text files with one path to a line, relative to the list's folder; # begins a comment."""
    shards: tuple[str, ...] = ()
    """Webdataset's tar shards instead of folders and lists, as paths in which `{0000..0099}` and
    `*` stand for many. They are read where they lie, never packed."""
    short_side: Steps = 256
    """Larger pictures are reduced until their short side has this many pixels; 0 = never."""
    small: Literal["reflect", "skip"] = "reflect"
    """What becomes of pictures smaller than the crop: mirrored at their borders, or left out."""
    pack: bool = True
    """Decode all pictures once, into one file. Without it each is decoded whenever it is needed:
    for sets that are too large to keep decoded."""
    store: str = ""
    """Folder of that file; `out` if empty. Runs on the same pictures may share it."""


class Masks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which holes are made, or where they are."""

    kinds: tuple[MaskKind, ...] = ("strokes", "strokes", "blobs", "boxes", "scratches")
    """Drawn from evenly; name one twice to have it twice as often."""
    least: Share = 0.01
    most: Share = 0.6
    """The hole's share of the picture."""
    balanced: bool = False
    """Give the paper's classes of hole size (0.01 to 0.1, to 0.2 .. to 0.6) the same frequency."""
    border: Literal["any", "clear", "touching"] = "any"
    """Whether holes keep 50/512 of the side away from the border, or touch it, or both occur."""
    folder: str = ""
    """Take masks from this folder instead (white = hole), cropped and mirrored at random."""


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Sizes, and what to begin with."""

    width: Count = 64
    levels: Annotated[int, msgspec.Meta(ge=1, le=8)] = 7
    """Partial convolution: how often the picture is halved; crops are multiples of 2 ** levels."""
    blocks: Steps = 8
    """EdgeConnect: residual blocks."""
    spectral: bool = True
    """Edge generator: constrain the weights by spectral norm."""
    discriminator_width: Count = 64
    start: str = ""
    """Weights to begin with instead of random ones."""
    edges: str = ""
    """Weights of the edge generator, for the stages that need its edges."""
    dialect: Dialect = "rgb-unit"
    """Partial convolution: the colours that `start` was trained on, as its card says."""


class FeatureLosses(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The network whose features are compared."""

    file: str = ""
    """torchvision's VGG-16 (partial convolution) or VGG-19 (EdgeConnect), or the small normalised
    VGG-19. Empty: train without perceptual and style losses."""
    every: Count = 1
    """Compare features at every n-th step only. Raise the weights as much."""
    half_size: bool = False
    """Compare features of pictures at half size: a quarter of the work."""


class PartialConvLosses(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Weights of Liu et al. 2018."""

    valid: Weight = 1.0
    hole: Weight = 6.0
    tv: Weight = 0.1
    perceptual_out: Weight = 0.05
    perceptual_comp: Weight = 0.05
    style_out: Weight = 120.0
    style_comp: Weight = 120.0


class EdgeLosses(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Weights of Nazeri et al. 2019 for the edge generator."""

    gan: Literal["nsgan", "lsgan", "hinge"] = "nsgan"
    adversarial: Weight = 1.0
    feature_matching: Weight = 10.0
    cross_entropy: Weight = 0.0
    """Not in the paper: tell the edge pixels of the hole directly."""
    adversarial_from: Steps = 0
    """The step at which the discriminator joins in; until then cross entropy is the only loss."""


class CompletionLosses(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Weights of Nazeri et al. 2019 for the completion generator."""

    gan: Literal["nsgan", "lsgan", "hinge"] = "nsgan"
    l1: Weight = 1.0
    adversarial: Weight = 0.1
    perceptual: Weight = 0.1
    style: Weight = 250.0
    lines: tuple[Share, ...] = ()
    """completion-on-generated: (low, high) of `imaging.edges.lines_of`, which the generated edges
    are made lines with; empty: they are used as they are. As `line_thresholds` of the card."""
    true_edges_every: Steps = 0
    """completion-on-generated: every n-th step is on true edges all the same; 0 = none."""


class Optimiser(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Adam."""

    rate: float | None = None
    """2e-4 for pconv, 5e-5 for pconv-finetune, 1e-4 for edges and completion, 1e-6 for joint."""
    betas: tuple[Share, Share] | None = None
    """(0.9, 0.999) for partial convolution, (0, 0.9) for EdgeConnect."""
    discriminator_rate: Weight = 0.1
    """The discriminator's rate as a multiple of the generator's."""
    schedule: Literal["constant", "cosine"] = "constant"
    """cosine falls to a fiftieth at the end of the run."""
    warm_up: Steps = 0
    """Steps over which the rate rises from nothing."""
    clip: Weight = 1.0
    """Largest norm of the gradients of one network; 0 = any."""
    average: Share = 0.998
    """Decay of the moving average of the weights, which is what is kept in the end."""


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long, how large, how often to tell."""

    steps: Steps = 0
    minutes: Weight = 0.0
    """Which comes first ends the run; 0 = never. A run ended by steps can be repeated exactly."""
    batch: Count = 8
    crop: Count = 256
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto: bfloat16 where the device computes in it, else float32."""
    save_minutes: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    sheet_every: Steps = 500
    """Steps between sheets of samples; 0 = none."""
    report_every: Count = 50
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    """Threads that cut crops and draw holes while the networks work."""


class CardText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the resulting model card says."""

    name: Annotated[str, msgspec.Meta(pattern=NAME_PATTERN)] = "my-model"
    title: str = ""
    licence: str = "not stated"
    commercial_use: CommercialUse = "unclear"
    good_at: str = ""
    trained_on: str = ""
    poses: Literal[1, 4] = 1
    """In how many poses the result sees a picture; see the card's field of that name."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One training run."""

    stage: StageName
    out: str
    """Folder for checkpoint, weights, card and sheets."""
    photos: Photos
    run: Run
    seed: Steps = 1
    masks: Masks = Masks()
    network: Network = Network()
    features: FeatureLosses = FeatureLosses()
    pconv: PartialConvLosses = PartialConvLosses()
    edges: EdgeLosses = EdgeLosses()
    completion: CompletionLosses = CompletionLosses()
    optimiser: Optimiser = Optimiser()
    card: CardText = CardText()

    @property
    def is_partial_conv(self) -> bool:
        return self.stage.startswith("pconv")

    @property
    def rate(self) -> float:
        usual = {"pconv": 2e-4, "pconv-finetune": 5e-5, "joint": 1e-6}.get(self.stage, 1e-4)
        return usual if self.optimiser.rate is None else self.optimiser.rate

    @property
    def betas(self) -> tuple[float, float]:
        usual = (0.9, 0.999) if self.is_partial_conv else (0.0, 0.9)
        return self.optimiser.betas or usual


def read_config(path: Path) -> Config:
    """Read and check a config; its paths become absolute.

    Raises:
        UsageError: naming the file, the line and the field.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"The config {path} could not be read: {reason(error)}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The config {path} is not a text file.") from error
    try:
        config = msgspec.toml.decode(text, type=Config)
    except msgspec.MsgspecError as error:
        raise UsageError(_sentence(path, text, str(error))) from error
    for problem, field in _problems(config):
        raise UsageError(f"{problem}{_place(text, field)} of {path}.")
    return _with_absolute_paths(config, path.absolute().parent)


def _problems(config: Config) -> list[tuple[str, str]]:
    """What no single field can tell: a sentence up to its place, and the field to point at."""
    run, masks = config.run, config.masks
    multiple = 2**config.network.levels if config.is_partial_conv else 4
    needs_start = config.stage in ("pconv-finetune", "joint")
    needs_edges = config.stage in ("completion-on-generated", "joint")
    checks = (
        (run.steps or run.minutes, "Say how long to train: set steps or minutes", "run.steps"),
        (run.crop % multiple == 0, f"The crop must be a multiple of {multiple}", "run.crop"),
        (config.is_partial_conv or run.crop >= 32, "The crop must be at least 32", "run.crop"),
        (masks.least < masks.most, "least must be smaller than most", "masks.least"),
        (masks.kinds or masks.folder, "Name at least one kind of mask", "masks.kinds"),
        (
            masks.balanced is False or not {"halves", "boxes"} & set(masks.kinds),
            "Halves and boxes have sizes of their own and cannot be balanced",
            "masks.balanced",
        ),
        (
            config.photos.folders or config.photos.lists or config.photos.shards,
            "Name folders, lists or shards of photos",
            "photos.folders",
        ),
        (
            not config.photos.shards or not (config.photos.folders or config.photos.lists),
            "Name either shards, or folders and lists",
            "photos.shards",
        ),
        (
            config.network.start or not needs_start,
            f"The stage {config.stage} begins with trained weights: set start",
            "network.start",
        ),
        (
            config.network.edges or not needs_edges,
            f"The stage {config.stage} needs an edge generator: set edges",
            "network.edges",
        ),
        (
            len(config.completion.lines) in (0, 2),
            "Lines have a lower and a higher threshold",
            "completion.lines",
        ),
    )
    return [(problem, field) for fine, problem, field in checks if not fine]


def _with_absolute_paths(config: Config, folder: Path) -> Config:
    def absolute(name: str) -> str:
        return str(folder / Path(name).expanduser()) if name else ""

    replace = msgspec.structs.replace
    photos, network = config.photos, config.network
    return replace(
        config,
        out=absolute(config.out),
        photos=replace(
            photos,
            folders=tuple(absolute(name) for name in photos.folders),
            lists=tuple(absolute(name) for name in photos.lists),
            shards=tuple(absolute(name) for name in photos.shards),
            store=absolute(photos.store or config.out),
        ),
        masks=replace(config.masks, folder=absolute(config.masks.folder)),
        network=replace(network, start=absolute(network.start), edges=absolute(network.edges)),
        features=replace(config.features, file=absolute(config.features.file)),
    )


def _sentence(path: Path, text: str, message: str) -> str:
    """What msgspec says, with the line, and with the name that may have been meant."""
    where = re.search(r" - at `\$\.?([^`]*)`", message)
    table = where.group(1) if where else ""
    said = message[: where.start()] if where else message
    unknown = re.search(r"unknown field `([^`]*)`", said)
    if unknown is None:
        return f"The config {path} is not valid{_place(text, table)}: {said}."
    name = unknown.group(1)
    meant = difflib.get_close_matches(name, _fields(table), n=1)
    hint = f"; did you mean “{meant[0]}”?" if meant else "."
    field = f"{table}.{name}" if table else name
    return f"The config {path} has an unknown field “{name}”{_place(text, field)}{hint}"


def _fields(table: str) -> list[str]:
    kind: object = get_type_hints(Config).get(table) if table else Config
    return list(get_type_hints(kind)) if isinstance(kind, type) else []


def _place(text: str, field: str) -> str:
    """The line of the field, or of its table where the field is not there, as words."""
    table = field.rpartition(".")[0]
    lines = _lines_of(text)
    line = lines.get(re.sub(r"\[.*", "", field)) or lines.get(table)
    return f" in line {line}" if line else ""


def _lines_of(text: str) -> dict[str, int]:
    """Which line each table and field of a TOML text begins in, by dotted name."""
    table, found = "", dict[str, int]()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([^\[\]]+)\]\s*(#.*)?$", line):
            table = header.group(1).strip()
            found.setdefault(table, number)
        elif key := re.match(r"\s*([\w.\"-]+)\s*=", line):
            name = key.group(1).replace('"', "")
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found
