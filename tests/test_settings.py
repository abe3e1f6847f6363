"""Settings survive everything, and never stop the program from starting."""

import msgspec
import pytest

from inpaint_studio.errors import StudioError
from inpaint_studio.settings import (
    RECENT_FILES,
    ExportChoice,
    Settings,
    load_settings,
    save_settings,
    settings_path,
    update_settings,
)


def test_without_a_file_there_are_defaults_and_nothing_to_say():
    assert load_settings() == (Settings(), None)
    assert not settings_path().exists()


def test_every_field_comes_back(tmp_path):
    settings = Settings(
        recent_files=("/b", "/a"),
        mask_color="#00ff7f",
        mask_opacity=0.25,
        history_budget_mb=64,
        last_engine="pconv",
        last_models={"pconv": "card"},
        brush_size=333.0,
        brush_hardness=0.1,
        window_geometry="AdnQ",
        window_state="AAAA",
        device="cuda:1",
        export=ExportChoice(format="tiff", depth="uint16", quality=80, keep_metadata=False),
    )
    path = tmp_path / "deep" / "settings.json"
    save_settings(settings, path)
    assert load_settings(path) == (settings, None)
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b'{"version": 999}',
        b'{"mask_opacity": 7}',
        b'{"mask_color": "red; background: url(x)"}',
        b'{"recent_files": [1, 2]}',
    ],
)
def test_what_cannot_be_understood_is_kept_aside_and_said(content):
    path = settings_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    settings, problem = load_settings()
    assert settings == Settings()
    backup = path.with_name("settings.broken.json")
    assert backup.read_bytes() == content
    assert not path.exists()
    assert problem is not None
    assert str(backup) in problem
    assert problem.endswith(".")
    assert "Traceback" not in problem
    assert load_settings() == (Settings(), None)


def test_fields_of_another_build_are_ignored():
    path = settings_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"version": 1, "device": "cpu", "not_known": 3}')
    assert load_settings() == (Settings(device="cpu"), None)


def test_a_settings_path_that_is_a_folder_is_moved_aside_and_said():
    settings_path().mkdir(parents=True)
    settings, problem = load_settings()
    assert settings == Settings()
    assert "settings.broken.json" in problem
    changed = update_settings(lambda settings: settings.with_model("pconv", "a"))
    assert changed == load_settings()[0]


def test_recent_files_are_newest_first_once_and_few(tmp_path):
    settings = Settings()
    for number in range(20):
        settings = settings.with_recent(tmp_path / f"{number}.png")
    settings = settings.with_recent(tmp_path / "15.png")
    names = [name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1] for name in settings.recent_files]
    assert len(names) == RECENT_FILES
    assert names[:3] == ["15.png", "19.png", "18.png"]
    assert len(set(names)) == RECENT_FILES


def test_models_add_up():
    settings = Settings().with_model("pconv", "a").with_model("edgeconnect", "b")
    assert settings.last_engine == "edgeconnect"
    assert settings.last_models == {"pconv": "a", "edgeconnect": "b"}
    assert Settings().last_models == {}


def test_two_windows_do_not_lose_each_others_changes():
    update_settings(lambda settings: settings.with_model("pconv", "a"))
    update_settings(lambda settings: msgspec.structs.replace(settings, device="cpu"))
    settings, _ = load_settings()
    assert (settings.last_models, settings.device) == ({"pconv": "a"}, "cpu")


def test_a_save_that_fails_leaves_the_old_file_whole(monkeypatch):
    save_settings(Settings(device="cpu"))
    before = settings_path().read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StudioError, match="the disk is full") as error:
        save_settings(Settings(device="mps"))
    assert str(settings_path()) in str(error.value)
    assert settings_path().read_bytes() == before
    assert len(list(settings_path().parent.iterdir())) == 1
