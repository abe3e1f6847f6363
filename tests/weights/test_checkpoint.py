"""Files of weights: every way they are saved is read, nothing else is, and no code runs."""

import io
import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from inpaint_studio.errors import WeightsError
from inpaint_studio.weights.checkpoint import clean_state, read_checkpoint, read_state_dict

STATE = {"layer.weight": torch.arange(6.0).reshape(2, 3), "layer.bias": torch.ones(2)}


class Bomb:
    """What a malicious file does when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return (Path.touch, (self.target,))


def same(found, expected=STATE):
    assert found.keys() == expected.keys()
    return all(torch.equal(found[key], expected[key]) for key in expected)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "meta": {"epoch": 3}, "optimizer": {"lr": 0.1}},
        lambda state: {"n_iter": 3, "model": state, "optimizer": {}},
        lambda state: {"iteration": 3, "generator": state},
        lambda state: {"state_dict": {"model": state}},
        lambda state: {f"module.{key}": tensor for key, tensor in state.items()},
        lambda state: {"model": {f"module.generator.{k}": t for k, t in state.items()}},
        lambda state: {
            "state_dict": {
                **{f"generator.{k}": t for k, t in state.items()},
                **{f"disc.{k}": t + 1 for k, t in state.items()},
            }
        },
    ],
    ids=["bare", "mmagic", "naoto", "edgeconnect", "nested", "module", "both", "discriminator"],
)
@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_every_wrapping_is_taken_off(tmp_path, wrap, legacy):
    path = tmp_path / "weights.bin"
    torch.save(wrap(STATE), path, _use_new_zipfile_serialization=not legacy)
    assert same(read_state_dict(path))


def test_safetensors_with_metadata(tmp_path):
    path = tmp_path / "weights.pth"  # the content decides, not the suffix
    save_file(STATE, path, metadata={"architecture": "x"})
    found = read_checkpoint(path)
    assert same(found.state)
    assert found.metadata == {"architecture": "x"}


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_a_pickle_bomb_does_not_go_off(tmp_path, legacy):
    path, target = tmp_path / "bomb.pth", tmp_path / "exploded"
    torch.save(
        {"state_dict": STATE, "meta": Bomb(target)},
        path,
        _use_new_zipfile_serialization=not legacy,
    )
    with pytest.raises(WeightsError, match="executed"):
        read_checkpoint(path)
    assert not target.exists()


def test_a_bare_pickle_is_not_even_opened(tmp_path):
    path, target = tmp_path / "bomb.pkl", tmp_path / "exploded"
    path.write_bytes(pickle.dumps(Bomb(target)))
    with pytest.raises(WeightsError, match="not a file of weights"):
        read_checkpoint(path)
    assert not target.exists()


def torch_bytes() -> bytes:
    stream = io.BytesIO()
    torch.save(STATE, stream)
    return stream.getvalue()


def safetensors_bytes(tmp_path) -> bytes:
    save_file(STATE, tmp_path / "whole.safetensors")
    return (tmp_path / "whole.safetensors").read_bytes()


def test_a_half_downloaded_file_says_so(tmp_path):
    legacy = io.BytesIO()
    torch.save(STATE, legacy, _use_new_zipfile_serialization=False)
    for whole in (torch_bytes(), safetensors_bytes(tmp_path), legacy.getvalue()):
        for part in (len(whole) // 3, len(whole) * 2 // 3, len(whole) - 4):
            path = tmp_path / "half.pth"
            path.write_bytes(whole[:part])
            with pytest.raises(WeightsError, match=r"half\.pth .*damaged"):
                read_checkpoint(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"<html>Sign in to download</html>" * 20, "not a file of weights"),
        (b"\x00" * 4096, "not a file of weights"),
        (b"\xff" * 8 + b"{" + b"x" * 100, "incomplete or damaged"),
    ],
    ids=["empty", "web page", "zeros", "huge header"],
)
def test_what_is_not_weights_is_named(tmp_path, content, sentence):
    path = tmp_path / "download.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=sentence):
        read_checkpoint(path)


def test_folders_and_missing_files(tmp_path):
    with pytest.raises(WeightsError, match="is a folder"):
        read_checkpoint(tmp_path)
    with pytest.raises(WeightsError, match="There is no file"):
        read_checkpoint(tmp_path / "nothing.pth")


def test_a_torchscript_program_is_refused(tmp_path):
    path = tmp_path / "big-lama.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("big-lama/data.pkl", b"\x80\x02}.")
        archive.writestr("big-lama/code/__torch__.py", "import os")
    with pytest.raises(WeightsError, match="TorchScript"):
        read_checkpoint(path)


def test_other_archives_are_refused(tmp_path):
    path = tmp_path / "photos.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.jpg", b"...")
    with pytest.raises(WeightsError, match="without weights"):
        read_checkpoint(path)


def test_a_compressed_archive_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", b"\0" * 10_000_000)
    with pytest.raises(WeightsError, match="compressed"):
        read_checkpoint(path)


def test_a_tensor_larger_than_what_is_stored_is_refused(tmp_path):
    path = tmp_path / "stretched.pth"
    torch.save({"weight": torch.ones(1).expand(1 << 40)}, path)
    with pytest.raises(WeightsError, match="malformed"):
        read_checkpoint(path)


@pytest.mark.parametrize("content", [{}, {"epoch": 3}, [1, 2], None, {"optimizer": {"lr": 1}}])
def test_files_without_tensors(content):
    with pytest.raises(WeightsError, match="holds no weights"):
        clean_state(content, "file.pth")
