"""Exit codes and sentences of the command line, whatever the verb."""

import argparse
import json
import os
import shlex
import subprocess
import sys

import pytest

from inpaint_studio import __version__
from inpaint_studio.cli import engines
from inpaint_studio.cli.main import build_parser, main
from inpaint_studio.engines.registry import ENGINES
from inpaint_studio.errors import PhotoError
from inpaint_studio.paths import cache_dir


@pytest.fixture
def failing(monkeypatch):
    """Let the verb `engines` raise what the test wants."""

    def fail_with(error: BaseException) -> None:
        def run(arguments):
            raise error

        monkeypatch.setattr(engines, "run", run)

    return fail_with


def test_help_lists_the_verbs(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for verb in ("open", "fill", "engines", "models"):
        assert f"    {verb} " in text


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(groups[0].choices) if groups else {}


def every_command(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()):
    """The words of each command, those of `models` included."""
    for name, inner in subcommands(parser).items():
        yield (*words, name)
        yield from every_command(inner, (*words, name))


@pytest.mark.parametrize("words", [*every_command(build_parser())], ids=" ".join)
def test_every_help_explains_each_argument_and_gives_an_example(capsys, words):
    assert main([*words, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"  inpaint-studio {' '.join(words)}" in text.split("examples:")[1]
    parser = build_parser()
    for word in words:
        parser = subcommands(parser)[word]
    assert [
        action.dest for action in parser._actions if not action.help and action.metavar != "COMMAND"
    ] == []


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"inpaint-studio {__version__}\n"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "COMMAND"),
        (["paint"], "paint"),
        (["fill", "a.png"], "--out"),
        (["fill", "a.png", "-o", "b.png"], "--mask"),
        (["fill", "a.png", "-o", "b.png", "--mask", "m.png", "--mask-from-alpha"], "--mask"),
        (["fill", "a.png", "-o", "b.png", "--mask", "m.png", "--grow", "wide"], "wide"),
        (["fill", "a.png", "-o", "b.png", "--mask", "m.png", "--seed", "-1"], "--seed"),
        (["fill", "a.png", "-o", "b.png", "--mask", "m.png", "--quality", "101"], "101"),
        (["fill", "a.png", "-o", "b.png", "--mask", "m.png", "--device", "tpu"], "tpu"),
        (["fill", "a.png", "-o", "b.png", "--mask", "m.png", "--depth", "12"], "12"),
        (["engines", "--loud"], "--loud"),
        (["fil"], "Did you mean “fill”?"),
        (["nonsense"], "There is no command “nonsense”"),
        ([sys.executable, "--mask", "m.png"], "--mask MASK -o OUT” fills it"),
        (["gone.jpg"], "There is no file gone.jpg to open"),
        (["export", ".", "-o", "out.png"], ". is a folder"),
        (["train", "gone.toml"], "There is no config gone.toml"),
        (["models", "list", "--engine", "magic"], "edgeconnect, pconv"),
    ],
)
def test_bad_arguments_are_one_sentence_and_exit_code_2(capsys, words, named):
    assert main(words) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("inpaint-studio: ")
    assert output.err.count("\n") == 1
    assert named in output.err


def test_bad_arguments_are_an_event_with_json(capsys):
    assert main(["fill", "a.png", "--json"]) == 2
    line = json.loads(capsys.readouterr().out)
    assert line["event"] == "error"
    assert line["exit_code"] == 2
    assert "--out" in line["message"]


def test_an_expected_failure_is_its_sentence(capsys, failing):
    failing(PhotoError("photo.tif is damaged."))
    assert main(["engines", "--json"]) == 1
    output = capsys.readouterr()
    assert output.err == "inpaint-studio: photo.tif is damaged.\n"
    assert json.loads(output.out)["message"] == "photo.tif is damaged."


def test_an_unexpected_failure_is_a_sentence_and_a_log(capsys, failing):
    failing(ZeroDivisionError("by zero"))
    assert main(["engines"]) == 1
    error = capsys.readouterr().err
    log = cache_dir() / "command-line.log"
    assert "Traceback" not in error
    assert error.count("\n") == 1
    assert str(log) in error
    assert "ZeroDivisionError: by zero" in log.read_text("utf-8")


def test_an_unexpected_failure_without_a_log_is_still_a_sentence(capsys, failing, monkeypatch):
    monkeypatch.setenv("INPAINT_STUDIO_HOME", "/dev/null/nowhere")
    failing(ZeroDivisionError("by zero"))
    assert main(["engines"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_scarce_memory_is_said_without_a_log(capsys, failing):
    failing(MemoryError())
    assert main(["engines"]) == 1
    assert "not enough memory" in capsys.readouterr().err
    assert not (cache_dir() / "command-line.log").exists()


def test_ctrl_c_exits_with_130(capsys, failing):
    failing(KeyboardInterrupt())
    assert main(["engines"]) == 130
    assert capsys.readouterr().err == "inpaint-studio: Stopped.\n"


def test_engines_are_listed_for_people_and_for_programs(capsys):
    assert main(["engines"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(ENGINES)
    assert main(["engines", "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in described] == list(ENGINES)
    assert all(entry["summary"] for entry in described)


@pytest.mark.parametrize(
    ("words", "passed"), [([], []), (["open"], []), (["open", "a.tif"], ["a.tif"])]
)
def test_the_window_opens_where_there_is_one(words, passed):
    calls = []

    def open_window(rest):
        calls.append(list(rest))
        return 7

    assert main(words, open_window=open_window) == 7
    assert calls == [passed]


def test_a_console_without_quotation_marks_is_no_reason_to_fail():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "inpaint_studio", "fill"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert run.stderr.startswith("inpaint-studio: The following arguments are required")
    assert "?inpaint-studio fill --help?" in run.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_full_disk_under_what_is_printed_is_said():
    command = f"{shlex.quote(sys.executable)} -m inpaint_studio engines > /dev/full"
    run = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    told = "inpaint-studio: What was to be printed could not be written: the disk is full.\n"
    assert run.stderr.startswith(told)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_no_console_at_all_is_no_reason_to_fail(closed):
    command = f"{shlex.quote(sys.executable)} -m inpaint_studio engines {closed}"
    run = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_reader_that_leaves_early_is_no_error():
    command = f"{shlex.quote(sys.executable)} -m inpaint_studio engines | true"
    run = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
