"""Every model card that ships is valid, licensed and honest about its files."""

import hashlib
from pathlib import Path

import pytest

from inpaint_studio.engines.registry import ENGINES
from inpaint_studio.weights.card import ModelCard, read_card

REPOSITORY = Path(__file__).resolve().parents[2]
CARDS = sorted((REPOSITORY / "models" / "cards").glob("*.toml"))
ROLES = {"pconv": {"generator"}, "edgeconnect": {"edges", "completion"}}


@pytest.fixture(params=CARDS, ids=lambda path: path.stem)
def card(request) -> ModelCard:
    return read_card(request.param)


def test_the_card_says_whose_and_on_what_terms(card):
    assert card.licence.strip()
    assert card.origin.strip()
    assert card.trained_on.strip()
    assert card.good_at.strip()


def test_the_card_fits_its_engine(card):
    assert card.engine in ENGINES
    assert ENGINES[card.engine].needs_card
    assert set(card.files) == ROLES[card.engine]
    assert card.size_rule.minimum >= 1
    assert card.size_rule.multiple_of >= 1


def test_each_file_can_be_had(card):
    for role, entry in card.files.items():
        assert entry.file, role
        assert card.bundled or entry.url or card.by_hand, f"{card.name}: no way to get {role}"
        assert not entry.url or entry.url.startswith("https://")


def test_bundled_files_are_here_and_intact(card):
    for entry in card.files.values() if card.bundled else ():
        data = (REPOSITORY / "models" / "weights" / entry.file).read_bytes()
        assert len(data) == entry.bytes
        assert hashlib.sha256(data).hexdigest() == entry.sha256


def test_names_are_unique():
    names = [read_card(path).name for path in CARDS]
    assert len(set(names)) == len(names)


def test_both_networks_work_out_of_the_box():
    bundled = {card.engine for card in map(read_card, CARDS) if card.bundled}
    assert bundled >= {"pconv", "edgeconnect"}
