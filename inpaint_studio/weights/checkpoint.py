"""Any file of weights -> a flat dictionary of tensors. No code from a file is ever run."""

import math
import pickle
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.atomic import reason

State = dict[str, Tensor]

_LEGACY_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How torch files began before they were zip archives: a pickled magic number."""

_WRAPPERS = (
    "state_dict",
    "generator",
    "model",
    "params_ema",
    "params",
    "network",
    "net",
    "discriminator",
)
"""Under which keys of a checkpoint the weights are found, in this order. A discriminator is no use,
but worth telling from nothing."""

_PREFIXES = ("module.", "model.", "generator.", "netG.")
"""What programs put in front of every key of the network that fills."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a file holds: its tensors by name (prefixes stripped), and its text metadata."""

    state: State
    metadata: Mapping[str, str]


class _TensorFile(Protocol):
    """What safetensors, which comes without types, gives."""

    def __enter__(self) -> "_TensorFile": ...
    def __exit__(self, *error: object) -> None: ...
    def keys(self) -> list[str]: ...
    def metadata(self) -> dict[str, str] | None: ...
    def get_tensor(self, name: str) -> Tensor: ...


def read_checkpoint(path: Path) -> Checkpoint:
    """Read .safetensors, .pth, .pt, .ckpt or .bin; the content decides, not the suffix.

    Raises:
        WeightsError: the file cannot be read, is incomplete, holds no tensors, or holds anything
            that would have to be executed.
    """
    start = _first_bytes(path)
    if start[8:9] == b"{":
        return _read_safetensors(path)
    if start.startswith(b"PK\x03\x04"):
        _check_archive(path)
        return Checkpoint(clean_state(_load_tensors(path, mmap=True), path), {})
    if start.startswith(_LEGACY_TORCH):
        return Checkpoint(clean_state(_load_tensors(path, mmap=False), path), {})
    raise WeightsError(
        f"{path} is not a file of weights; a .pth, .pt, .ckpt or .safetensors file is needed."
    )


def read_state_dict(path: Path) -> State:
    """The tensors of `read_checkpoint`."""
    return read_checkpoint(path).state


def clean_state(content: object, path: Path | str) -> State:
    """Find the tensors of the network in what a training program saved.

    Optimiser states, counters and discriminators are left behind; prefixes such as `module.` and
    `generator.` are stripped. `path` is for the message.
    """
    state = _unwrapped(content)
    if not state:
        raise WeightsError(f"{path} holds no weights of a network; choose another file.")
    for key, tensor in state.items():
        _check_tensor(key, tensor, path)
    return _without_prefixes(state)


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise WeightsError(f"{path} is a folder; choose the file of weights inside it.")
    try:
        with path.open("rb") as file:
            start = file.read(32)
    except FileNotFoundError as error:
        raise WeightsError(f"There is no file {path}.") from error
    except OSError as error:
        raise WeightsError(f"{path} could not be opened: {reason(error)}.") from error
    if not start:
        raise WeightsError(f"{path} is empty; download or copy it again.")
    return start


def _read_safetensors(path: Path) -> Checkpoint:
    try:
        with cast(_TensorFile, safe_open(path, framework="pt", device="cpu")) as file:
            metadata = file.metadata()
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise _incomplete(path) from error
    return Checkpoint(clean_state(state, path), metadata or {})


def _check_archive(path: Path) -> None:
    """Refuse what torch would choke on, or blow up, before torch sees it."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise _incomplete(path) from error
    if any("/code/" in f"/{entry.filename}" for entry in entries):
        raise WeightsError(
            f"{path} is a TorchScript program, as LaMa is published: it holds code, and this "
            "version reads nothing but weights, so it cannot run it."
        )
    if not any(entry.filename.endswith("data.pkl") for entry in entries):
        raise WeightsError(f"{path} is a zip archive without weights; unpack it and choose again.")
    if sum(entry.file_size for entry in entries) > path.stat().st_size:
        raise WeightsError(
            f"{path} is a compressed archive, which weights never are; it was not read."
        )


def _load_tensors(path: Path, *, mmap: bool) -> object:
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path} holds something other than weights that would have to be executed, or is "
            "damaged, so it was not read; get the model from its authors again."
        ) from error
    except Exception as error:  # malformed bytes make torch raise almost anything
        raise _incomplete(path) from error


def _incomplete(path: Path) -> WeightsError:
    return WeightsError(f"{path} is incomplete or damaged; download or copy it again.")


def _unwrapped(content: object) -> State:
    if not isinstance(content, Mapping):
        return {}
    entries = cast("Mapping[object, object]", content)
    for wrapper in _WRAPPERS:
        if isinstance(entries.get(wrapper), Mapping) and (found := _unwrapped(entries[wrapper])):
            return found
    return dict(_tensors(entries))


def _tensors(entries: Mapping[object, object]) -> Iterator[tuple[str, Tensor]]:
    for key, value in entries.items():
        if isinstance(key, str) and isinstance(value, Tensor):
            yield key, value


def _check_tensor(key: str, tensor: Tensor, path: Path | str) -> None:
    """A tensor must not claim to be larger than what the file stores of it."""
    stored = tensor.untyped_storage().nbytes()
    if tensor.layout != torch.strided or math.prod(tensor.shape) * tensor.itemsize > stored:
        raise WeightsError(f"The weight “{key}” of {path} is malformed; the file was not read.")


def _without_prefixes(state: State) -> State:
    """Strip prefixes until none is left; of several networks in one file keep the generator."""
    for prefix in _PREFIXES:
        named = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
        if named and (prefix != "module." or len(named) == len(state)):
            return _without_prefixes(named)
    return state
