"""Every shipped card is valid, licensed, and says all that a person must know before using it."""

import re
import subprocess
import sys

import msgspec
import pytest

from inpaint_studio.engines.registry import ENGINES
from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.paths import shipped_cards_dir
from inpaint_studio.weights.arrivals import ROLES
from inpaint_studio.weights.card import ModelCard, WeightsFile, card_toml, read_card

SHIPPED = sorted(shipped_cards_dir().glob("*.toml"))
LAYOUTS = {"pconv": {"studio", "naoto0804", "tanimutomo", "mmagic"}, "edgeconnect": {"edgeconnect"}}
EXPECTED = {
    "edgeconnect-celeba",
    "edgeconnect-paris",
    "edgeconnect-places2",
    "pconv-mmagic-celeba",
    "pconv-mmagic-places",
    "pconv-naoto0804",
    "pconv-tanimutomo",
    "studio-edgeconnect",
    "studio-pconv",
}


def test_every_published_checkpoint_has_its_card():
    assert {path.stem for path in SHIPPED} >= EXPECTED


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_card(path):
    card = read_card(path)
    assert card.name == path.stem
    assert ENGINES[card.engine].needs_card
    assert card.files.keys() == ROLES[card.engine]
    assert card.layout in LAYOUTS[card.engine] | {"studio"}
    for text in (card.title, card.licence, card.origin, card.trained_on, card.good_at):
        assert text
        assert text == text.strip()
    assert card.size_rule.minimum >= card.size_rule.multiple_of > 0
    assert card.size_rule.working % card.size_rule.multiple_of == 0
    downloadable = all(file.url.startswith("https://") for file in card.files.values())
    assert card.bundled or downloadable or card.by_hand
    assert "NC" not in card.licence or card.commercial_use == "no"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_a_name_or_note_promises_is_in_the_fields(path):
    card = read_card(path)
    for file in card.files.values():
        assert not file.url or file.url.endswith(f"/{file.file}")
        prefix = re.search(r"-([0-9a-f]{8})\.pth$", file.file)
        assert prefix is None or file.sha256.startswith(prefix[1])
    if card.bundled:
        assert card.commercial_use == "unclear"
        assert all(file.file.endswith(".safetensors") for file in card.files.values())


def example(**changes) -> ModelCard:
    values = {
        "name": "x",
        "title": "Quotes \" and 'these', \\ and tab\t, DEL \x7f, ü, 🖼",
        "engine": "pconv",
        "files": {"generator": WeightsFile("a.pth", "https://x/a.pth", "0" * 64, 7)},
        "licence": "MIT",
        "commercial_use": "yes",
        "origin": "Someone\nelse",
        "trained_on": "",
        "good_at": "Nothing.",
        "size_rule": SizeRule(128, 128, 512),
        "evaluation": {"PSNR (dB)": "22.7"},
    }
    return ModelCard(**{**values, **changes})


def test_a_card_is_written_as_it_is_read(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(card_toml(example()))
    assert read_card(path) == example()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": "../evil"}, "name"),
        ({"commercial_use": "perhaps"}, "commercial_use"),
        ({"dialect": "cmyk"}, "dialect"),
        ({"files": {"generator": WeightsFile("a.pth", sha256="xyz")}}, "sha256"),
        ({"files": {"generator": WeightsFile("../../evil.pth")}}, "file"),
        ({"files": {"../generator": WeightsFile("a.pth")}}, "files"),
    ],
)
def test_a_wrong_field_is_named(tmp_path, changes, named):
    path = tmp_path / "x.toml"
    path.write_bytes(card_toml(msgspec.structs.replace(example(), **changes)))
    with pytest.raises(WeightsError, match=rf"x\.toml is not valid: .*{named}"):
        read_card(path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"name = ", b"", b'colour = "red"\nname = "x"'])
def test_what_is_no_card_is_named(tmp_path, content):
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"x\.toml is not valid"):
        read_card(path)


def test_reading_cards_loads_nothing_heavy(repository):
    program = (
        "import sys; from inpaint_studio.weights.library import open_library; "
        "[open_library().status(card) for card in open_library().cards()]; "
        "print({'torch', 'cv2', 'PySide6', 'urllib.request', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
