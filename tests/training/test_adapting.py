"""A short run goes on as the bundled models were trained."""

from pathlib import Path

import pytest

from inpaint_studio.training.adapting import Basis, short_run
from inpaint_studio.training.config import read_config
from inpaint_studio.training.feature_files import SMALL_FILE
from inpaint_studio.weights.card import read_card

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("model", "recipe", "losses"),
    [
        ("studio-pconv", "studio-pconv-5.toml", "pconv"),
        ("studio-edgeconnect", "studio-completion-3.toml", "completion"),
    ],
)
def test_losses_weigh_as_in_the_recipe_of_the_bundled_model(tmp_path, model, recipe, losses):
    trained = read_config(REPOSITORY / "configs" / recipe)
    card = read_card(REPOSITORY / "models" / "cards" / f"{model}.toml")
    basis = Basis(card, {role: tmp_path / role for role in card.files})
    features = tmp_path / SMALL_FILE
    short = short_run(
        basis, tmp_path, minutes=1, batch=2, rate=1e-4, name="mine", features=features
    )
    assert getattr(short, losses) == getattr(trained, losses)
    assert (short.features.every, short.features.half_size) == (
        trained.features.every,
        trained.features.half_size,
    )
