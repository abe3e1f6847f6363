"""The user guide and the README name menus and keys that the window has."""

import importlib
import pkgutil
import re

import pytest

from inpaint_studio.ui import action_table
from inpaint_studio.ui.action_table.spec import ActionSpec

MENUS = {
    module.name.title(): importlib.import_module(f"{action_table.__name__}.{module.name}").ACTIONS
    for module in pkgutil.iter_modules(action_table.__path__)
    if module.name != "spec"
}
ACTIONS: list[ActionSpec] = [action for actions in MENUS.values() for action in actions]
ELSEWHERE = {"Tab"}
"""Keys of the table that belong to the canvas and are no actions."""


def plain(text: str) -> str:
    return text.replace("&", "").rstrip("…").casefold()


@pytest.fixture(scope="module")
def guide(repository):
    return (repository / "docs" / "guide.md").read_text("utf-8")


@pytest.mark.parametrize("document", ["README.md", "docs/guide.md"])
def test_every_menu_path_leads_to_an_action(repository, document):
    text = (repository / document).read_text("utf-8")
    paths = re.findall(rf"\b({'|'.join(MENUS)}) > ([A-Z][\w -]*\w)", text)
    assert paths
    known = {(menu, plain(action.text)) for menu, actions in MENUS.items() for action in actions}
    assert [path for path in paths if (path[0], path[1].casefold()) not in known] == []


def test_the_table_of_keys_is_that_of_the_window(guide):
    table = guide.split("## Keys")[1].split("![")[0]
    told = {key: words.casefold() for key, words in re.findall(r"`([^`]+)`([^`|;]*)", table)}
    owners = {key: action for action in ACTIONS for key in action.keys}
    alike = {"Enter": "Return", "Delete": "Del"}
    strangers = []
    for key, words in told.items():
        action = owners.get(key) or owners.get(key.replace("Enter", alike["Enter"]))
        if action is None and key not in {*ELSEWHERE, "Ctrl"}:
            strangers.append(key)
        elif action is not None and words.strip(" ,"):
            named = f"{plain(action.text)} {action.tip} {action.id}".casefold()
            assert any(word in named for word in re.findall(r"[\w%]{2,}", words)), (key, words)
    assert strangers == []


def test_every_action_with_a_key_is_in_the_table(guide):
    table = guide.split("## Keys")[1].split("![")[0].replace("Enter", "Return")
    first = [action.keys[0].replace("Enter", "Return") for action in ACTIONS if action.keys]
    assert [key for key in first if f"`{key}`" not in table] == []
