"""The wheel holds all that the program needs, and nothing else."""

import runpy

import pytest


@pytest.fixture(scope="module")
def checker():
    from pathlib import Path

    script = Path(__file__).resolve().parents[2] / "packaging" / "check_wheel.py"
    return runpy.run_path(str(script))


@pytest.fixture(scope="module")
def wheel(checker, tmp_path_factory):
    pytest.importorskip("hatchling")
    return checker["build_wheel"](tmp_path_factory.mktemp("wheel"))


def test_the_wheel_is_complete(checker, wheel):
    assert checker["problems"](wheel) == []


def test_a_missing_file_is_noticed(checker, wheel, tmp_path):
    import zipfile

    poorer = tmp_path / wheel.name
    lost = "inpaint_studio/_resources/samples/photo.jpg"
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(poorer, "w") as target:
        for name in source.namelist():
            if name != lost:
                target.writestr(name, source.read(name))
    assert checker["problems"](poorer) == [f"missing: {lost}"]
