"""The documents point at things that are there, and name what the program has."""

import argparse
import re
from pathlib import Path

import pytest

from inpaint_studio.cli.main import build_parser
from inpaint_studio.engines.registry import ENGINES

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
DOCUMENTS += sorted((REPOSITORY / "docs").glob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)")


def verbs() -> dict[str, argparse.ArgumentParser]:
    [action] = [
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    return dict(action.choices)


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
