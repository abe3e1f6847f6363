"""How long until the first window is painted, measured against importing Qt alone.

`--exit-after-paint` makes the program say, when its first window has been painted, how long ago it
was started, and leave. Both programs run in turn, so that a machine that gets slower or faster
meanwhile treats them alike.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 9
LIMIT = 4.0
REPOSITORY = Path(__file__).resolve().parent.parent

QT_ALONE = [sys.executable, "-c", "import PySide6.QtWidgets"]
WINDOW = [sys.executable, "-m", "inpaint_studio", "--temp-home", "--exit-after-paint"]


def wall_time(command: list[str], environment: dict[str, str]) -> float:
    """Milliseconds from starting `command` to its end, or to the moment it prints."""
    start = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        process.stdout.read(1)
        elapsed = time.perf_counter() - start
        process.stdout.read()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with code {process.returncode}")
    return elapsed * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "INPAINT_STUDIO_HOME": home}
        environment["PYTHONUNBUFFERED"] = "1"
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # installed programs have their byte code
        for command in (QT_ALONE, WINDOW):
            wall_time(command, environment)  # byte code and disk caches
        rounds = [
            (wall_time(QT_ALONE, environment), wall_time(WINDOW, environment))
            for _ in range(ROUNDS)
        ]
    alone = statistics.median(one for one, _ in rounds)
    window = statistics.median(two for _, two in rounds)
    print(f"import PySide6.QtWidgets  {alone:7.0f} ms")
    print(f"first painted window      {window:7.0f} ms")
    print(f"ratio                     {window / alone:7.2f}   (asked for: at most {LIMIT:g})")


if __name__ == "__main__":
    main()
