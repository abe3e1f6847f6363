"""The installed program on a screen of its own, driven by X events like those of a person."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
KEPT = REPOSITORY / "output" / "e2e"
"""Where screenshots and the program's own account go when a test fails."""
PATIENCE = 400
"""Seconds to wait for anything before giving up; a busy machine is slow, not broken."""
SIZE = (1600, 1000)

SCREENSHOT = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
app.primaryScreen().grabWindow(0).save(sys.argv[1])
"""


class Screen:
    """A virtual screen with a keyboard and a mouse."""

    def __init__(self, display):
        self.environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        for name in ("WAYLAND_DISPLAY", "QT_SCALE_FACTOR", "QT_STYLE_OVERRIDE"):
            self.environment.pop(name, None)

    def do(self, *words):
        """Run xdotool; what it prints."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout.strip()

    def keys(self, *keys):
        """Press key combinations one after another."""
        for key in keys:
            self.do("key", "--clearmodifiers", key)
            time.sleep(0.05)

    def write(self, text):
        self.do("type", "--delay", 15, text)

    def name_file(self, key, dialog, path):
        """Open a dialog by its key and have it save under a path."""
        self.keys(key)
        self.focus(dialog)
        self.keys("ctrl+a")
        self.write(str(path))
        self.keys("Return")

    def hold(self, key, down):
        self.do("keydown" if down else "keyup", key)
        time.sleep(0.05)

    def click(self, x, y):
        self.do("mousemove", x, y, "sleep", 0.05, "click", 1)

    def drag(self, points, button=1):
        """Press at the first point, move over all of them, let go at the last."""
        (x, y), *others = points
        words = ["mousemove", x, y, "sleep", 0.05, "mousedown", button]
        for x, y in others:
            words += ["sleep", 0.02, "mousemove", x, y]
        self.do(*words, "sleep", 0.05, "mouseup", button)

    def windows(self, title):
        return self.do("search", "--onlyvisible", "--name", title).split()

    def focus(self, title):
        """Wait for a window of that title and give it the keyboard, as a window manager would."""
        found = wait_for(lambda: self.windows(title), f"a window called {title!r}")
        self.do("windowfocus", "--sync", found[-1])
        time.sleep(0.2)

    def wait_until_closed(self, title):
        wait_for(lambda: not self.windows(title), f"the window {title!r} to close")

    def save(self, path):
        """A screenshot."""
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-c", SCREENSHOT, str(path)],
            env=self.environment,
            check=False,
            timeout=PATIENCE,
        )


class Program:
    """The running program, and what it says in its status file."""

    def __init__(self, screen, folder, *arguments, home=None):
        """A home of its own that goes with it, or `home`, which stays for the next start."""
        self.screen = screen
        self.status = folder / "status.jsonl"
        self.log = (folder / "stderr.txt").open("w", encoding="utf-8")
        self._read = 0
        self._families = set()
        self.process = subprocess.Popen(
            [
                *command(),
                *([] if home else ["--temp-home"]),
                *("--status-file", str(self.status)),
                *map(str, arguments),
            ],
            env={
                **screen.environment,
                "TMPDIR": str(folder),  # where --temp-home makes its home
                **({"INPAINT_STUDIO_HOME": str(home)} if home else {}),
            },
            cwd=REPOSITORY,
            stdout=self.log,
            stderr=self.log,
        )

    def events(self):
        """Everything it has said so far."""
        if not self.status.exists():
            return []
        text = self.status.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def wait_for(self, event, **facts):
        """The next event of that kind, with these facts; what comes before it is passed over."""
        wanted = {"event": event, **facts}

        def look():
            for index, said in enumerate(self.events()[self._read :], self._read):
                if said["event"] == "error" and event != "error":
                    pytest.fail(f"The program says: {said['message']}")
                if wanted.items() <= said.items():
                    self._read = index + 1
                    return said
            assert self.process.poll() is None, "the program has ended"
            return None

        return wait_for(look, str(wanted), self.tail)

    def at(self, x, y):
        """Where a photo position is on the screen, with the photo centred at 100 %."""
        opened = next(said for said in self.events() if said["event"] == "opened")
        left, top, width, height = opened["canvas"]
        x += left + (width - opened["width"]) // 2
        return round(x), round(y + top + (height - opened["height"]) // 2)

    def family(self):
        """The process, its children and theirs; those seen once are remembered."""
        self._families |= descendants(self.process.pid)
        return self._families

    def tail(self):
        said = "\n".join(str(event) for event in self.events()[-8:])
        return f"{said}\n{Path(self.log.name).read_text(encoding='utf-8')[-2000:]}"

    def close(self):
        """End it in whatever state it is, children first."""
        for pid in self.family():
            if pid in running(self.family()):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


def command():
    """The program INPAINT_STUDIO_PROGRAM names (a built one), else the installed one, else the one
    in this checkout."""
    if built := os.environ.get("INPAINT_STUDIO_PROGRAM"):
        return [built, "open"]
    installed = Path(sys.executable).with_name("inpaint-studio")
    start = [str(installed)] if installed.exists() else [sys.executable, "-m", "inpaint_studio"]
    return [*start, "open"]


def descendants(pid):
    found = {pid}
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found |= descendants(int(child))
    except FileNotFoundError:
        pass
    return found


def running(pids):
    """Those of `pids` that have not ended."""
    return {pid for pid in pids if state(pid) not in ("", "Z")}


def state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def wait_for(look, what, explain=lambda: ""):
    """What `look` returns once that is true."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail(f"waited {PATIENCE} s for {what}\n{explain()}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def display():
    """A virtual screen, started for these tests so that nobody's own mouse is taken."""
    missing = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)} (packaging/system-libraries.sh installs them)")
    reading, writing = os.pipe()
    width, height = SIZE
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-noreset"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as stream:
        number = stream.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture
def screen(display):
    return Screen(display)


@pytest.fixture
def start(screen, tmp_path, request):
    """Starts the program with some arguments; ends it, and keeps pictures of a failure."""
    programs = []

    def start(*arguments, home=None):
        folder = tmp_path / f"run {len(programs) + 1}"
        folder.mkdir()
        programs.append(Program(screen, folder, *arguments, home=home))
        return programs[-1]

    yield start
    if request.node.stash.get(FAILED, True):
        screen.save(KEPT / f"{request.node.name}.png")
        for program in programs:
            shutil.copy(program.log.name, KEPT / f"{request.node.name}.stderr.txt")
            if program.status.exists():
                shutil.copy(program.status, KEPT / f"{request.node.name}.status.jsonl")
    for program in programs:
        program.close()


@pytest.fixture
def helpers():
    return running, wait_for
