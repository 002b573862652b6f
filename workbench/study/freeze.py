"""What a study runs on, written down before it begins and looked at whenever it is started again.

The lock beside the study's file (``FILE.lock``, JSON) holds the file's hash and those of its material, the versions of
the workbench, of Python and of the packages that make or play sound, a hash of the workbench's code and pages, the
hashes of the models' weights, the seed and the table of orders, and the browsers that may take part.
"""

from __future__ import annotations

import hashlib
import json
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench import __version__, fsutil
from workbench.errors import BadFile, Unavailable
from workbench.study.plan.order import table
from workbench.study.plan.study import Listening, Study, Task

FORMAT = 1
#: Packages on whose version depends what people hear, see or are offered.
PACKAGES = (
    "numpy",
    "onnxruntime",
    "torch",
    "transformers",
    "gradio",
    "av",
    "soundfile",
    "soxr",
    "safetensors",
    "pyyaml",
)


def place(study: Study) -> Path:
    """Where a study's lock lies."""
    return study.path.with_name(f"{study.path.name}.lock")


def found(study: Study) -> dict[str, Any]:
    """What the study runs on here and now, as the lock has it.

    Raises:
        Unavailable: a model of the study is not here.
    """
    return {
        "format": FORMAT, "study": study.id, "version": study.version, "file": _hash(study.text.encode()),
        "material": {path.name: _hash(path.read_bytes()) for path in material(study)},
        "workbench": __version__, "code": code_hash(), "python": ".".join(platform.python_version_tuple()[:2]),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "models": {name: model_facts(name) for name in models(study)},
        "seed": study.assignment.seed, "orders": _hash(json.dumps(table(study)).encode()),
        "browsers": dict(study.browsers),
    }  # fmt: skip


def freeze(study: Study) -> str:
    """Write the lock; returns its hash.

    Raises:
        Unavailable: a model is not here, or the lock cannot be written.
    """
    text = json.dumps(found(study), indent=1, sort_keys=True) + "\n"
    fsutil.write_file(place(study), text.encode())
    return _hash(text.encode())


def check(study: Study) -> tuple[str, list[str]]:
    """Hold what is here against the lock.

    Returns:
        The lock's hash ("" where the study was never frozen), and a sentence for everything that differs.

    Raises:
        BadFile: the lock cannot be read.
        Unavailable: a model is not here.
    """
    path = place(study)
    if not path.is_file():
        return "", []
    data = path.read_bytes()
    try:
        locked = json.loads(data)
        if locked["format"] != FORMAT:
            raise ValueError("another format")
    except (ValueError, KeyError, TypeError) as error:
        raise BadFile(f"{path.name} cannot be read; freeze the study again.") from error
    return _hash(data), differences(locked, found(study))


def started(study: Study, anyway: bool = False) -> tuple[str, list[str]]:
    """What :func:`check` finds, when a study is started: a difference keeps it from starting, unless ``anyway``.

    Raises:
        BadFile: something differs; the sentence says all of it.
        Unavailable: as for :func:`check`.
    """
    digest, differs = check(study)
    if differs and not anyway:
        raise BadFile(
            "This is not what was frozen. " + " ".join(differs) + " Mend it, freeze the study again, or start --anyway."
        )
    return digest, differs


def differences(locked: dict[str, Any], here: dict[str, Any]) -> list[str]:
    """A sentence for everything in which two locks differ."""
    out: list[str] = []
    plain = {
        "study": "The study's id was {old}, and is {new}.",
        "version": "The study's version was {old}, and is {new}.",
        "workbench": "The workbench was {old}, and is {new}.",
        "python": "Python was {old}, and is {new}.",
        "seed": "The seed was {old}, and is {new}.",
    }
    for name, sentence in plain.items():
        if locked.get(name) != here[name]:
            out.append(sentence.format(old=locked.get(name), new=here[name]))
    for name, sentence in (
        ("file", "The study's file was changed after it was frozen."),
        ("code", "The workbench's own code or pages were changed."),
        ("orders", "The table of orders is another."),
    ):
        if locked.get(name) != here[name]:
            out.append(sentence)
    for group, what in (("material", "file"), ("packages", "package"), ("models", "model"), ("browsers", "browser")):
        before, now = locked.get(group) or {}, here[group]
        for name in sorted({*before, *now}):
            if before.get(name) != now.get(name):
                out.append(_differs(group, what, name, before.get(name), now.get(name)))
    return out


def _differs(group: str, what: str, name: str, before: Any, now: Any) -> str:
    if now is None:
        return f"The {what} {name} is not there any more."
    if before is None:
        return f"The {what} {name} was not there when the study was frozen."
    if group in ("packages", "browsers"):
        return f"The {what} {name} was {before}, and is {now}."
    if group == "models":
        return f"The weights of the model {name} are others than when the study was frozen."
    return f"The {what} {name} was changed."


def material(study: Study) -> list[Path]:
    """Every file that the study names."""
    out: dict[Path, None] = {}
    for step in study.all_steps():
        if isinstance(step, Task):
            out |= dict.fromkeys(step.files)
        elif isinstance(step, Listening):
            out |= dict.fromkeys(side.file for pair in step.pairs for side in (pair.first, pair.second))
    return list(out)


def models(study: Study) -> list[str]:
    """Every model that a participant may meet: those that conditions name, else each task's default."""
    from workbench.hub.registry import Registry

    registry = Registry.load()
    names = {str(rule) for condition in study.conditions for rule in condition.models.values() if rule is not False}
    fixed = {task for condition in study.conditions for task in condition.models}
    fixed = {task for task in fixed if all(task in condition.models for condition in study.conditions)}
    for task in {spec.task for spec in registry} - fixed:
        if (default := registry.default(task)) is not None:
            names.add(default.id)
    return sorted(names)


def model_facts(name: str) -> dict[str, Any]:
    """A model's revision and the hashes of its weights as they lie here.

    Raises:
        Unavailable: they do not.
    """
    from workbench import resources
    from workbench.hub.registry import Registry
    from workbench.hub.sources import Embedded
    from workbench.hub.weights import stored

    registry = Registry.load()
    spec = registry.get(name)
    if isinstance(spec.source, Embedded):
        folder = resources.path(f"models/{spec.source.folder}")
        names = sorted(name for name in spec.files if name != "README.md")  # the card makes no sound
        return {"revision": spec.revision, "files": {each: _hash((folder / each).read_bytes()) for each in names}}
    if spec.source is None:
        return {"revision": spec.revision, "files": {}}
    if not stored.present(spec, registry.local.get(spec.id)):
        raise Unavailable(f"The model {name} is not here yet; fetch it with: workbench models pull {name}")
    return {"revision": spec.revision, "files": dict(spec.files)}


def code_hash() -> str:
    """SHA-256 over the workbench's own code and pages, by name and content."""
    package = Path(fsutil.__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*package.rglob("*.py"), *(package / "web" / "public").rglob("*")]):
        if path.is_file() and "_data" not in path.parts:
            digest.update(f"{path.relative_to(package).as_posix()}\0{_hash(path.read_bytes())}\n".encode())
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
