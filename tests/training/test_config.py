"""A config says exactly what is wrong with it, and where."""

from pathlib import Path

import pytest

from inpaint_studio.errors import UsageError
from inpaint_studio.training.config import read_config

GOOD = """\
stage = "pconv"
out = "run"

[photos]
folders = ["photos"]

[network]
width = 8

[run]
steps = 5
crop = 128
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "run.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_paths_are_relative_to_the_config(written, tmp_path):
    config = read_config(written(GOOD))
    assert Path(config.out) == tmp_path / "run"
    assert Path(config.photos.folders[0]) == tmp_path / "photos"
    assert Path(config.photos.store) == tmp_path / "run"
    assert config.features.file == ""


@pytest.mark.parametrize(
    ("stage", "rate", "betas"),
    [
        ("pconv", 2e-4, (0.9, 0.999)),
        ("edges", 1e-4, (0.0, 0.9)),
        ("completion", 1e-4, (0.0, 0.9)),
    ],
)
def test_the_papers_rates_are_the_usual_ones(written, stage, rate, betas):
    config = read_config(written(GOOD.replace("pconv", stage)))
    assert (config.rate, config.betas) == (rate, betas)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("width = 8", "widht = 8", "unknown field “widht” in line 8; did you mean “width”?"),
        ("[run]", "[rum]", "in line 10"),
        ("stage", "stagge", "unknown field “stagge” in line 1; did you mean “stage”?"),
        ("width = 8", 'width = "wide"', "in line 8: Expected `int`, got `str`"),
        ("width = 8", "width = 0", "in line 8: Expected `int` >= 1"),
        ('"pconv"', '"pcon"', "in line 1: Invalid enum value"),
        ("steps = 5", "steps = ", "line 11"),
        ("steps = 5", "batch = 2", "set steps or minutes in line 10 of"),
        ("crop = 128", "crop = 100", "multiple of 128 in line 12 of"),
        ('folders = ["photos"]', "", "Name folders, lists or shards of photos in line 4 of"),
        ('"pconv"', '"pconv-finetune"', "begins with trained weights: set start in line 7 of"),
        ('"pconv"', '"completion-on-generated"', "needs an edge generator: set edges in line 7"),
        ("[run]", "[masks]\nleast = 0.7\n[run]", "least must be smaller than most in line 11"),
        ("[run]", "[completion]\nlines = [0.2]\n[run]", "a higher threshold in line 11 of"),
        ("[run]", '[masks]\nkinds = ["halves"]\nbalanced = true\n[run]', "cannot be balanced in"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(written, old, new, told):
    assert old in GOOD
    path = written(GOOD.replace(old, new))
    with pytest.raises(UsageError) as raised:
        read_config(path)
    assert told in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_config_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(UsageError, match="could not be read: the folder does not exist"):
        read_config(tmp_path / "none.toml")


def test_a_config_that_is_no_text_is_one_sentence(tmp_path):
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not a text file"):
        read_config(tmp_path / "x.toml")


@pytest.mark.parametrize(
    "path",
    sorted((Path(__file__).parents[2] / "configs").glob("*.toml")),
    ids=lambda path: path.name,
)
def test_the_configs_that_come_with_the_program_are_good(path):
    config = read_config(path)
    assert config.run.steps or config.run.minutes
    assert config.card.name != "my-model" or path.name.startswith("paper-")
