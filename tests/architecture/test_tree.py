"""The tree holds nothing that belongs to one machine, and no work left undone."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

MACHINE = re.compile(r"(?<![\w.$}])/(?:work|home/\w+|Users/\w+|root)/")
UNDONE = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
TEXTS = {".py", ".md", ".toml", ".sh", ".spec", ".yaml", ".yml", ".xml", ".desktop", ".qss", ".txt"}


def tracked(repository: Path) -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True)
    if listing.returncode:
        pytest.skip("not a git checkout")
    names = listing.stdout.decode().split("\0")
    paths = [repository / name for name in names if name]
    return [path for path in paths if path.is_file()]


def texts(repository: Path) -> list[Path]:
    named = ("Makefile", "run")
    found = [path for path in tracked(repository) if path.suffix in TEXTS or path.name in named]
    assert found
    return found


@pytest.mark.parametrize("pattern", [MACHINE, UNDONE], ids=["machine path", "work left undone"])
def test_no_file_holds(repository, pattern):
    found = [
        f"{path.relative_to(repository)}:{number}: {line.strip()}"
        for path in texts(repository)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_the_patterns_find_what_they_are_for():
    assert MACHINE.search("open('/home/" + "anna/photo.tif')")
    assert UNDONE.search("# TO" + "DO: later")


def test_no_large_file_is_tracked(repository):
    """Bundled weights are the only large files."""
    large = [
        path.relative_to(repository).as_posix()
        for path in tracked(repository)
        if path.stat().st_size > 2_000_000 and path.suffix != ".safetensors"
    ]
    assert large == []


def test_opencv_brings_no_qt_of_its_own():
    """opencv-python (without -headless) has Qt plug-ins that break PySide6 on Linux."""
    spec = find_spec("cv2")
    assert spec
    assert spec.origin
    assert not (Path(spec.origin).parent / "qt").exists()


def test_the_samples_are_small_and_their_origin_is_told(repository):
    samples = repository / "resources" / "samples"
    sources = (samples / "SOURCES.md").read_text("utf-8")
    pictures = [path for path in samples.iterdir() if path.suffix != ".md"]
    assert sum(path.stat().st_size for path in pictures) <= 1_000_000
    assert [path.name for path in pictures if f"| {path.name} |" not in sources] == []
