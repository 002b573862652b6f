"""A safe reader for torch checkpoints: looked at first, loaded with ``weights_only``, turned once into safetensors.

A checkpoint is a zip of tensors and one pickle, and a pickle can run any program. So: the file must have the pinned
hash; the pickle's opcodes are walked (without running them) and every name outside a short list refuses the file,
also where torch is not installed; only then torch loads it with ``weights_only=True``. The copy in safetensors is
what models ever see.
"""

from __future__ import annotations

import os
import pickletools
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from workbench.errors import BadFile, Unavailable
from workbench.hub.protocol import CancelToken
from workbench.hub.weights.download import disk_trouble, file_hash

MAX_PICKLE = 64_000_000
_ALLOWED = frozenset({
    "collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter", "torch Size",
    "torch._tensor _rebuild_from_type_v2",
    *(f"torch {kind}Storage" for kind in ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte",
                                          "Bool")),
})  # fmt: skip


def convert(path: Path, sha256: str, folder: Path, cancel: CancelToken) -> Path:
    """The safetensors copy of a checkpoint in ``folder``, made if it is not there; the name is the checkpoint's hash.

    Raises:
        BadFile: not the pinned file, not a torch checkpoint, or it holds more than tensors.
        Unavailable: torch is not installed, or the disk is full.
        Cancelled: the person pressed Stop.
    """
    target = folder / f"{sha256}.safetensors"
    if target.exists():
        return target
    if file_hash(path, cancel) != sha256:
        raise BadFile(
            f"The checkpoint {path.name} is not the one that was pinned, so it was not opened; pull it again."
        )
    refuse_code(path)
    try:
        import torch
        from safetensors.torch import save_file
    except ImportError as error:
        raise Unavailable(
            f"{path.name} is a torch checkpoint; to convert it run  pip install 'music-workbench[hub]'  and try again."
        ) from error
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch names many kinds; none of them leaves anything loaded
        raise BadFile(f"The checkpoint {path.name} could not be read as plain weights and was refused.") from error
    cancel.check()
    tensors = {name: tensor.detach().clone().contiguous() for name, tensor in _tensors(loaded, torch.Tensor).items()}
    if not tensors:
        raise BadFile(f"The checkpoint {path.name} holds no weights.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".tmp")
        os.close(handle)
        try:
            save_file(tensors, name)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise disk_trouble(error, folder) from error
    return target


def _tensors(loaded: Any, kind: type) -> dict[str, Any]:
    if isinstance(loaded, dict):
        for key in ("state_dict", "model_state_dict", "model"):
            if isinstance(loaded.get(key), dict):
                return _tensors(loaded[key], kind)
        return {str(name): value for name, value in loaded.items() if isinstance(value, kind)}
    return {}


def refuse_code(path: Path) -> None:
    """Raise :class:`BadFile` unless the checkpoint is a plain zip whose pickle names nothing but tensors."""
    refused = BadFile(f"The checkpoint {path.name} holds code besides its weights and was refused; do not use it.")
    unknown = BadFile(
        f"{path.name} is not a torch checkpoint of the kind that can be read safely; ask for safetensors."
    )
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            pickles = [member for member in members if member.filename.rpartition("/")[2] == "data.pkl"]
            plain = all(member.compress_type == zipfile.ZIP_STORED for member in members)
            if len(pickles) != 1 or not plain or pickles[0].file_size > MAX_PICKLE:
                raise unknown
            if any(member.filename.endswith((".pkl", ".py")) for member in members if member is not pickles[0]):
                raise refused
            data = archive.read(pickles[0])
        names = _names(data)
    except (OSError, ValueError, zipfile.BadZipFile, IndexError, KeyError) as error:
        raise unknown from error
    if not names <= _ALLOWED:
        raise refused


def _names(data: bytes) -> set[str]:
    """Every ``module name`` that a pickle would import, found without running it.

    Torch writes protocol 2, which names them in the open (GLOBAL). Later protocols take the name from the stack,
    where it can be disguised: any other way of importing yields a name that is on no list.
    """
    names: set[str] = set()
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name == "GLOBAL":
            names.add(str(argument))
        elif opcode.name in ("STACK_GLOBAL", "INST", "OBJ", "EXT1", "EXT2", "EXT4"):
            names.add(f"an import by {opcode.name}")
    return names
