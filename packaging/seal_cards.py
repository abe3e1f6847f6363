"""Write the sha256 and size of the bundled weights into their cards.

Run after new weights are put into models/weights: `python packaging/seal_cards.py`. With
`--check` nothing is written; the exit code says whether every card is sealed.
"""

import argparse
import re
import sys
from pathlib import Path

from inpaint_studio.weights.card import read_card
from inpaint_studio.weights.fingerprint import fingerprint

MODELS = Path(__file__).resolve().parent.parent / "models"


def sealed(card: Path, weights: Path) -> str:
    """The text of `card` with the checksums of its files as they are; all else untouched."""
    text = card.read_text(encoding="utf-8")
    for file in read_card(card).files.values():
        found = fingerprint(weights / file.file)
        entry = rf'(file = "{re.escape(file.file)}"\n)sha256 = "[0-9a-f]*"\nbytes = \d+'
        seal = rf'\g<1>sha256 = "{found.sha256}"\nbytes = {found.bytes}'
        text, seals = re.subn(entry, seal, text)
        if seals != 1:
            raise SystemExit(f"{card}: sha256 and bytes must follow the line file = “{file.file}”")
    return text


def main(arguments: list[str] | None = None) -> int:
    """Seal the cards of the bundled models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    check = parser.parse_args(arguments).check
    stale = 0
    for card in sorted((MODELS / "cards").glob("*.toml")):
        if not read_card(card).bundled:
            continue
        text = sealed(card, MODELS / "weights")
        if text == card.read_text(encoding="utf-8"):
            continue
        stale += 1
        print(f"{card.name}: {'not sealed' if check else 'sealed'}")
        if not check:
            card.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
