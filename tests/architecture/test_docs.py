"""The documents point at things that are there, and name what the program has."""

import argparse
import json
import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from inpaint_studio.cli.fill import parse
from inpaint_studio.cli.fill_options import engine_options
from inpaint_studio.cli.main import build_parser
from inpaint_studio.cli.progress import FillSummary
from inpaint_studio.engines.registry import DEFAULT_ENGINE, ENGINES, engine_entry

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
DOCUMENTS += sorted((REPOSITORY / "docs").glob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)")


def anchors(document: Path) -> set[str]:
    """The fragments that a page of the repository can be entered at, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_guide_shows_every_field_of_a_finished_fill():
    guide = (REPOSITORY / "docs" / "guide.md").read_text("utf-8")
    shown = next(iter(re.findall(r'{"event": "done".*?}\n', guide, re.S)))
    assert list(json.loads(shown)) == ["event", *(field.name for field in fields(FillSummary))]


def verbs() -> dict[str, argparse.ArgumentParser]:
    [action] = [
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    return dict(action.choices)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_into_pages_find_their_headings(document):
    text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.S)
    links = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", text)
    pages = [(document.parent / page if page else document, place) for page, place in links]
    assert [place for page, place in pages if place not in anchors(page)] == []


def commands_shown() -> list[str]:
    """Every command line of ours in the documents' code and in the help of our own verbs."""
    blocks = [
        b for d in DOCUMENTS for b in re.findall(r"```sh\n(.*?)```", d.read_text("utf-8"), re.S)
    ]
    helps = [parser.epilog or "" for parser in (build_parser(), *verbs().values())]
    lines = [line.strip() for block in (*blocks, *helps) for line in block.splitlines()]
    whole = (line for line in lines if not re.search(r"\\$| \.\.\.( |$)|\[", line))
    return [line for line in whole if line.startswith("inpaint-studio ")]


@pytest.mark.parametrize("line", sorted({*commands_shown()}))
def test_every_command_that_is_shown_can_be_given(line):
    """Its words make sense; what stands after two blanks is a remark, not part of it."""
    words = shlex.split(re.split(r"  ", line)[0], comments=True)[1:]
    if not words or words[0] not in verbs():  # a photo alone opens the window
        return
    arguments = build_parser().parse_args(words)
    if words[0] == "fill":
        order = parse(arguments)
        engine = engine_entry(order.engine or DEFAULT_ENGINE)
        assert engine.draws_edges or not (order.edges_in or order.edges_out)
        assert engine_options(order, engine) is not None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    links = [link for link in LINK.findall(document.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def modules_named_in_the_tree() -> list[str]:
    """Each `name.py` of the tree in docs/architecture.md, with the folders it is listed under."""
    text = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")
    tree = text.split("## Tree")[1].split("```")[1]
    package, named = "", list[str]()
    for line in tree.splitlines():
        if folder := re.match(r"  (\w+)/ ", line + " "):
            package = folder[1] + "/"
        elif re.match(r"(  )?\w", line):
            package = ""
        named += [package + name for name in re.findall(r"\b[a-z]\w*\.py\b", line)]
    return named


def test_every_module_named_in_the_architecture_is_there():
    named = modules_named_in_the_tree()
    assert len(named) > 100
    package = REPOSITORY / "inpaint_studio"
    assert [name for name in named if not (package / name).is_file()] == []


def test_the_guide_tells_every_option_of_fill():
    guide = (REPOSITORY / "docs" / "guide.md").read_text("utf-8")
    options = [name for name in verbs()["fill"]._option_string_actions if name.startswith("--")]
    told_by_help = {"--help", "--out", "--mask-sense"}
    missing = [name for name in options if name not in guide and name not in told_by_help]
    assert missing == []


def test_the_readme_names_every_engine_and_verb():
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    assert [name for name in ENGINES if f"`{name}`" not in readme] == []
    assert [verb for verb in verbs() if f"inpaint-studio {verb}" not in readme] == []


def test_make_knows_the_commands_the_documents_name():
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.M))
    text = "".join(document.read_text("utf-8") for document in DOCUMENTS)
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.M))
    assert named
    assert named <= targets
