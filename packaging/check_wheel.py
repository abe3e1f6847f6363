"""Build the wheel and check that it holds everything the program needs to run offline.

usage: check_wheel.py FOLDER      (prints what is missing and exits with 1)
"""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SHIPPED = {
    "resources": "inpaint_studio/_resources",
    "models/cards": "inpaint_studio/_models/cards",
    "models/weights": "inpaint_studio/_models/weights",
}
UNWANTED = ("tests/", "benchmarks/", "packaging/", "__pycache__", "cv2/", ".DS_Store")


def build_wheel(folder: Path) -> Path:
    """Build the wheel into `folder` and return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    return max(folder.glob("inpaint_studio-*.whl"), key=lambda path: path.stat().st_mtime_ns)


def expected_names() -> set[str]:
    """What must be in the wheel: every tracked module, resource, card, and bundled weights file."""
    listed = subprocess.run(
        ["git", "ls-files", "inpaint_studio", *SHIPPED],
        cwd=REPOSITORY, check=True, capture_output=True, text=True,
    ).stdout.split("\n")  # fmt: skip
    names = {_name_in_wheel(path) for path in listed if path and (REPOSITORY / path).exists()}
    return names | bundled_weights()


def bundled_weights() -> set[str]:
    """The weights files that the cards say are bundled, by their names in the wheel."""
    names: set[str] = set()
    for path in (REPOSITORY / "models/cards").glob("*.toml"):
        card = tomllib.loads(path.read_text(encoding="utf-8"))
        if card.get("bundled"):
            files = card["files"].values()
            names |= {f"{SHIPPED['models/weights']}/{entry['file']}" for entry in files}
    return names


def _name_in_wheel(path: str) -> str:
    for folder, inside in SHIPPED.items():
        if path.startswith(f"{folder}/"):
            return inside + path.removeprefix(folder)
    return path


def problems(wheel: Path) -> list[str]:
    """A sentence for everything that is missing from the wheel or should not be in it."""
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    missing = [f"missing: {name}" for name in sorted(expected_names() - held)]
    unwanted = [f"unwanted: {name}" for name in sorted(held) if name.startswith(UNWANTED)]
    return [*missing, *unwanted]


def main() -> int:
    folder = Path(sys.argv[1]).resolve()
    wheel = build_wheel(folder)
    found = problems(wheel)
    print("\n".join(found) or f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, complete")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
