"""Ours against other programs: CPU seconds, peak memory and quality, in one run on one machine.

    python benchmarks/peers.py                          speed at 512 x 512 and 2 MP, in minutes
    python benchmarks/peers.py --all                    what docs/peers.md holds, in hours
    python benchmarks/peers.py --sizes --quality 12     quality only, on 12 photos

Every fill runs in a process of its own after a small one that warms it up, so that start-up,
compiling and loading count for nobody; G'MIC is a program, whose start and files are measured
alone and taken off. Peak memory is what was held above the open photo. A fill that takes more CPU
seconds than --patience is ended and said so. A peer that is not installed is left out and said so:

    pip install pypatchmatch; apt-get install gmic

The tables are Markdown on the standard output; what goes on is told on the standard error. For
Linux; elsewhere peak memory is not told. Quality goes on in --out where an earlier run stopped.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

try:
    import resource

    import cv2
    import numpy as np
    from peers_quality import evaluate, print_tables
except ModuleNotFoundError as missing:
    sys.exit(
        f"There is no module {missing.name} here: run this on Linux or macOS with the Python that "
        "has Inpaint Studio (`make app`, then .venv/bin/python benchmarks/peers.py)."
    )

PROGRAMS = Path(__file__).parent / "programs"
GMIC = {
    "gmic-matchpatch": "inpaint_matchpatch[0] [1]",
    "gmic-pde": "inpaint_pde[0] [1]",
    "gmic-inpaint": "inpaint[0] [1],7,22,0.5,1,9,0",
}
PEERS = {  # what has to be there, and how to get it
    "opencv-telea": ("cv2", "pip install opencv-python-headless"),
    "opencv-navier-stokes": ("cv2", "pip install opencv-python-headless"),
    "biharmonic": ("skimage", "pip install scikit-image"),
    "pypatchmatch": ("patchmatch", "pip install pypatchmatch"),
}
MODULES = {
    "opencv-telea": "opencv_telea",
    "opencv-navier-stokes": "opencv_navier_stokes",
    "biharmonic": "biharmonic",
    "pypatchmatch": "pypatchmatch_fill",
}
OURS = ("patchmatch", "thin", "auto", "pconv+patchmatch", "edgeconnect+patchmatch")
SCRATCHED = ("thin", "auto", "patchmatch", "opencv-telea", "opencv-navier-stokes", "biharmonic")
"""Who is tried on scratches; the others were made for something else."""
KINDS = "blobs:0.05-0.25,strokes:0.1-0.3,boxes:0.05-0.25,scratches"


@dataclass(frozen=True)
class Cost:
    """What a fill took; `problem` says why there is nothing else."""

    cpu: float = 0
    wall: float = 0
    megabytes: float = 0
    problem: str = ""


@dataclass(frozen=True)
class Case:
    """A photo and the hole in it, as files."""

    name: str
    folder: Path

    def file(self, name: str) -> str:
        return str(self.folder / name)


# ---- what is filled


def scene(megapixels: float) -> np.ndarray:
    """Weave, gradient and grain, 3 : 2; square where it is small."""
    ratio = 1 if megapixels < 0.5 else 1.5
    height = round((megapixels * 1e6 / ratio) ** 0.5)
    width = round(ratio * height)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    weave = 100 + 30 * np.sin(rows / 9) * np.sin(columns / 7) + 50 * columns / width
    grain = np.random.default_rng(0).normal(0, 8, (height, width, 3)).astype(np.float32)
    return (weave[:, :, None] + grain).clip(0, 255).astype(np.uint8)


def photo_of(path: Path | None, megapixels: float) -> np.ndarray:
    """The photo scaled to so many pixels, or the made-up one."""
    if path is None:
        return scene(megapixels)
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    height, width = picture.shape[:2]
    if megapixels < 0.5:
        side = min(height, width)
        picture, height, width = picture[:side, :side], side, side
    scale = (megapixels * 1e6 / (height * width)) ** 0.5
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=way)


def disc(height: int, width: int) -> np.ndarray:
    """One compact hole of 5 % in the middle."""
    rows, columns = np.ogrid[:height, :width]
    radius = (0.05 * height * width / np.pi) ** 0.5
    return (rows - height / 2) ** 2 + (columns - width / 2) ** 2 < radius**2


def scratches(height: int, width: int) -> np.ndarray:
    """Long lines of 3 to 9 pixels, all over the photo, until they cover 2 %."""
    rng, canvas = np.random.default_rng(0), np.zeros((height, width), np.uint8)
    while canvas.mean() < 0.02:
        ends = rng.uniform(0, (width, height), (2, 2)).astype(int)
        first, last = (tuple(map(int, end)) for end in ends)
        cv2.line(canvas, first, last, 1, int(rng.integers(3, 10)))
    return canvas > 0


# ---- one fill


def measure(who: str, case: Case, patience: int) -> Cost:
    """One fill by one of them."""
    return measure_gmic(who, case, patience) if who in GMIC else measure_python(who, case, patience)


def measure_python(who: str, case: Case, patience: int) -> Cost:
    name = MODULES.get(who, f"engine:{who}")
    words = [sys.executable, str(PROGRAMS / "one_fill.py"), name]
    words += [case.file("photo.npy"), case.file("hole.npy"), case.file(f"{who}.npy")]
    run = spent(words, patience)
    if run.problem:
        return run.cost
    return Cost(**json.loads(run.said.splitlines()[-1]))


def measure_gmic(who: str, case: Case, patience: int) -> Cost:
    """G'MIC less what it takes to read and write the same files."""
    photo, hole, out = (case.file(name) for name in ("photo.png", "hole.png", "gmic.png"))
    words = ["gmic", "-v", "-", photo, hole, *GMIC[who].split(), "o[0]", out]
    run = spent(words, patience)
    if run.problem:
        return run.cost
    idle = spent(["gmic", "-v", "-", photo, hole, "o[0]", out], patience).cost
    return Cost(
        run.cost.cpu - idle.cpu,
        run.cost.wall - idle.wall,
        max(0.0, run.cost.megabytes - idle.megabytes),
    )


@dataclass(frozen=True)
class Spent:
    """What a process took and said."""

    cost: Cost
    said: str = ""

    @property
    def problem(self) -> str:
        return self.cost.problem


def spent(words: list[str], patience: int) -> Spent:
    """Run a program to its end, with a limit on its CPU seconds."""
    limit = partial(resource.setrlimit, resource.RLIMIT_CPU, (patience, patience + 5))
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(words, stdout=said, stderr=errors, preexec_fn=limit)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu = used.ru_utime + used.ru_stime
        texts = []
        for file in (said, errors):
            file.seek(0)
            texts.append(file.read())
    problem = ""
    if process.returncode:
        last = (texts[1].strip().splitlines() or [f"exit code {process.returncode}"])[-1]
        ended = process.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
        problem = f"> {patience} s" if ended else "failed"
        tell("" if ended else last)
    cost = Cost(cpu, time.perf_counter() - started, used.ru_maxrss / 1e3 * 1.024, problem)
    return Spent(cost, texts[0])


# ---- tables


def median_cost(costs: list[Cost]) -> Cost:
    """Of each number by itself."""
    failed = next((cost for cost in costs if cost.problem), None)
    if failed:
        return failed
    fields = ("cpu", "wall", "megabytes")
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in fields))


def compare(who: Iterable[str], case: Case, *, repeat: int, patience: int) -> dict[str, Cost]:
    """Turn by turn, so that what else the machine does meets everybody."""
    costs: dict[str, list[Cost]] = {name: [] for name in who}
    for _ in range(repeat):
        for name, found in costs.items():
            if not (found and found[-1].problem):
                found.append(measure(name, case, patience))
                tell(f"{case.name}: {name} {said(found[-1])}")
    return {name: median_cost(found) for name, found in costs.items()}


def said(cost: Cost) -> str:
    return cost.problem or f"{cost.cpu:.2f} s CPU, {cost.wall:.2f} s, {cost.megabytes:.0f} MB"


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def print_table(title: str, columns: dict[str, dict[str, Cost]], show: Callable) -> None:
    """Markdown: a line for everybody, a column for each case."""
    print(f"\n**{title}**\n\n| | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for name in next(iter(columns.values())):
        cells = [show(costs[name]) if name in costs else "–" for costs in columns.values()]
        print(f"| {name} | {' | '.join(cells)} |")


def print_ratios(columns: dict[str, dict[str, Cost]]) -> None:
    """How many times our CPU seconds everybody takes."""

    def ratio(costs: dict[str, Cost], name: str) -> str:
        ours, theirs = costs.get("patchmatch"), costs[name]
        if ours is None or ours.problem or theirs.problem:
            return theirs.problem or "–"
        return f"{theirs.cpu / ours.cpu:.2f}"

    print(f"\n**CPU seconds over those of our patchmatch**\n\n| | {' | '.join(columns)} |")
    print(f"|---|{'---:|' * len(columns)}")
    for name in next(iter(columns.values())):
        print(f"| {name} | {' | '.join(ratio(costs, name) for costs in columns.values())} |")


# ---- who takes part


def present(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Who of them is here, and a sentence for each who is not."""
    here, missing = [], []
    for name in names:
        lack = lacking(name)
        if lack:
            missing.append(f"{name} was left out: {lack}.")
        else:
            here.append(name)
    return here, missing


def lacking(name: str) -> str:
    """What is missing, if anything."""
    from inpaint_studio.engines.registry import ENGINES

    if name in GMIC:
        return "" if shutil.which("gmic") else "apt-get install gmic"
    if name in PEERS:
        module, remedy = PEERS[name]
        return "" if find_spec(module) else remedy
    return "" if name.partition(":")[0] in ENGINES else "there is no such engine in this version"


# ---- the two halves


def speed(wanted: argparse.Namespace, who: list[str]) -> None:
    """A compact hole at each size, then scratches at the largest."""
    columns: dict[str, dict[str, Cost]] = {}
    compact = [name for name in who if name != "thin"]
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        for megapixels in wanted.sizes:
            picture = photo_of(wanted.photo, megapixels)
            case = save(f"{megapixels:g} MP", picture, disc(*picture.shape[:2]), Path(folder))
            columns[case.name] = compare(
                compact, case, repeat=wanted.repeat, patience=wanted.patience
            )
        if columns:
            print_table("One compact hole of 5 %, CPU seconds", columns, show_cpu)
            print_table("The same, peak memory above the open photo, MB", columns, show_memory)
            print_ratios(columns)
        if wanted.scratches:
            picture = photo_of(wanted.photo, wanted.scratches)
            hole = scratches(*picture.shape[:2])
            case = save(f"scratches, {wanted.scratches:g} MP", picture, hole, Path(folder))
            some = [name for name in who if name in SCRATCHED]
            costs = compare(some, case, repeat=wanted.repeat, patience=wanted.patience)
            print_table("Scratches of 2 %, CPU seconds", {case.name: costs}, show_cpu)
            print_table("The same, peak memory, MB", {case.name: costs}, show_memory)


def show_cpu(cost: Cost) -> str:
    return cost.problem or f"{cost.cpu:.2f}"


def show_memory(cost: Cost) -> str:
    return cost.problem or f"{cost.megabytes:.0f}"


def save(name: str, picture: np.ndarray, hole: np.ndarray, folder: Path) -> Case:
    """As both kinds of program read it; what lies in the hole is painted grey."""
    from PIL import Image

    shown = picture.copy()
    shown[hole] = 127
    np.save(folder / "photo.npy", shown)
    np.save(folder / "hole.npy", hole)
    Image.fromarray(shown).save(folder / "photo.png", compress_level=1)
    Image.fromarray(hole.astype(np.uint8) * 255).save(folder / "hole.png", compress_level=1)
    return Case(name, folder)


def quality(wanted: argparse.Namespace, who: list[str]) -> None:
    """`inpaint-studio evaluate` with everybody; it resumes in --out."""
    contestants = [contestant(name) for name in who]
    code = evaluate(
        contestants,
        photos=wanted.photos,
        masks=wanted.masks,
        count=wanted.quality,
        out=wanted.out,
    )
    if code == 0:
        print_tables(wanted.out, OURS)


def contestant(name: str) -> str:
    """As `evaluate --engines` takes it."""
    if name in MODULES:
        return f"{name}={sys.executable} {PROGRAMS / MODULES[name]}.py {{stdin}}"
    if name in GMIC:
        return f"{name}=gmic -v - {{photo}} {{mask}} {GMIC[name]} o[0] {{out}}"
    return name


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = Path(os.environ.get("INPAINT_STUDIO_DATA", "../shared/data"))
    everybody = (*OURS, *PEERS, *GMIC)
    parser.add_argument("--all", action="store_true", help="every size, scratches and quality")
    parser.add_argument("--sizes", type=float, nargs="*", default=[0.262144, 2], metavar="MP",
                        help="megapixels with one compact hole; none: no speed")  # fmt: skip
    parser.add_argument("--scratches", type=float, default=0, metavar="MP",
                        help="megapixels full of scratches")  # fmt: skip
    parser.add_argument("--who", nargs="+", default=everybody, metavar="NAME",
                        help=f"of {', '.join(everybody)}")  # fmt: skip
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="medians of N fills")
    parser.add_argument("--patience", type=int, default=120, metavar="CPU_SECONDS",
                        help="end a fill after so many")  # fmt: skip
    parser.add_argument("--photo", type=Path, help="fill this one instead of the made-up one")
    parser.add_argument("--quality", type=int, default=0, metavar="PHOTOS",
                        help="measure quality on so many squares of 512 pixels")  # fmt: skip
    parser.add_argument("--photos", type=Path, default=data / "photos" / "eval", metavar="DIR",
                        help="where they are")  # fmt: skip
    parser.add_argument("--masks", default=KINDS, help="holes, as `evaluate` names them")
    parser.add_argument("--out", type=Path, default=Path("output/peers"), metavar="DIR",
                        help="where quality is kept")  # fmt: skip
    wanted = parser.parse_args()
    if wanted.all:
        wanted.sizes, wanted.scratches, wanted.quality = [0.262144, 2, 12, 24], 24, 18
    if wanted.quality and not wanted.photos.is_dir():
        parser.error(f"there is no folder {wanted.photos}: name one of photos with --photos")
    who, missing = present(wanted.who)
    for sentence in missing:
        tell(sentence)
    if not who:
        parser.error("nobody of these is here")
    if wanted.sizes or wanted.scratches:
        speed(wanted, who)
    if wanted.quality:
        quality(wanted, who)
    print("\n" + "\n".join(missing) if missing else "")


if __name__ == "__main__":
    main()
