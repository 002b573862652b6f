"""Hub repositories as models: ``models add REPO`` reads a ``workbench.toml``; ``models push ID`` uploads a folder.

``workbench.toml`` at the root of a Hub model repository is one entry without ``repo``, ``revision``, ``embedded`` and
``wheel``, which are known, and with an ``id`` if the repository's name will not do::

    task = "infill"
    adapter = "markov"              # one of the workbench's own adapters: no code is ever fetched
    title = "Markov chain, tuned"
    memory_mb = 20

    [files]
    "config.json" = "<sha256>"

    [card]
    summary = "..."                 # and the rest of the card, as models/registry.toml describes it

Some well-known repositories hold weights for an adapter of the workbench but no such file: for these there are
templates (:mod:`workbench.hub.templates`), pinned on first use.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.hub import places, templates
from workbench.hub.registry import Registry, built_in_adapters
from workbench.hub.spec import WEIGHTS, Embedded, ModelSpec, spec_from_table
from workbench.hub.weights.hub import explain, is_offline

FILE = "workbench.toml"
MAX_BYTES = 100_000


def add(repo: str, revision: str = "main") -> ModelSpec:
    """Read a repository's ``workbench.toml`` at the commit that ``revision`` names now, and remember the entry.

    A repository without one gets its built-in template, if there is one, pinned to what the Hub reports now.

    Raises:
        BadRequest: not a repository name, or a model of that name exists.
        BadFile: the file is missing its parts, or names an adapter or fields that are not known.
        Unavailable: offline, unknown, gated, or no such file.
    """
    commit, text = _read_remote(repo, revision)
    if text is None:
        return keep(repo.replace("/", "."), _from_template(repo, commit))
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"The {FILE} of {repo} cannot be read; ask its owner to repair it.") from error
    if {"repo", "revision", "embedded", "wheel", "default"} & data.keys():
        raise BadFile(f"The {FILE} of {repo} may not say where its files are; ask its owner to repair it.")
    if isinstance(data.get("capabilities"), dict):
        data["capabilities"].pop("pinned", None)  # only a template says so
    model_id = data.pop("id", repo.replace("/", "."))
    if not isinstance(model_id, str):
        raise BadFile(f"The id in the {FILE} of {repo} must be text.")
    return keep(model_id, {**data, "repo": repo, "revision": commit})


def keep(model_id: str, table: dict[str, Any]) -> ModelSpec:
    """Check an entry and write it into the person's own list.

    Raises:
        BadFile: the entry does not hold.
        BadRequest: a model of that name exists.
        Unavailable: the list cannot be written.
    """
    spec = spec_from_table(model_id, table, built_in_adapters(), "added")
    if model_id in Registry.load(plugins=False):
        raise BadRequest(f"There is a model {model_id!r} already; remove it from {places.user_registry().name} first.")
    _remember(model_id, table)
    return spec


def _from_template(repo: str, commit: str) -> dict[str, Any]:
    table = templates.template(repo)
    assert table is not None
    try:
        return templates.pin(repo, commit, table)
    except BadFile:
        raise
    except Exception as error:  # the client's many kinds, and those of its HTTP library
        raise explain(error, repo) from error


def _read_remote(repo: str, revision: str) -> tuple[str, str | None]:
    """``(commit, text of workbench.toml)``; None if it has no such file but there is a template for it."""
    from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import EntryNotFoundError, HFValidationError, LocalEntryNotFoundError

    if is_offline():
        raise Unavailable(f"{repo} cannot be added because HF_HUB_OFFLINE is set; unset it and try again.")
    try:
        commit = HfApi().model_info(repo, revision=revision).sha or ""
        if len(commit) != 40:
            raise Unavailable(f"The Hub names no commit for {repo}; try again later.")
        if (get_hf_file_metadata(hf_hub_url(repo, FILE, revision=commit)).size or 0) > MAX_BYTES:
            raise BadFile(f"The {FILE} of {repo} is too large; ask its owner to repair it.")
        path = Path(hf_hub_download(repo, FILE, revision=commit))
        if path.stat().st_size > MAX_BYTES:
            raise BadFile(f"The {FILE} of {repo} is too large; ask its owner to repair it.")
        return commit, path.read_text(encoding="utf-8")
    except HFValidationError as error:
        raise BadRequest("A repository is written owner/name.") from error
    except (BadFile, Unavailable):
        raise
    except UnicodeDecodeError as error:
        raise BadFile(f"The {FILE} of {repo} is not text; ask its owner to repair it.") from error
    except Exception as error:  # the client's many kinds, and those of its HTTP library
        missing = isinstance(error, EntryNotFoundError) and not isinstance(error, LocalEntryNotFoundError)
        if missing and templates.template(repo) is not None:
            return commit, None
        raise explain(error, repo, FILE) from error


def _remember(model_id: str, table: dict[str, Any]) -> None:
    path = places.user_registry()
    old = path.read_text(encoding="utf-8") if path.exists() else "# Models added with `workbench models add`.\n"
    places.write_atomic(path, old.rstrip("\n") + "\n\n" + to_toml(["models", model_id], table))


def to_toml(path: list[str], table: dict[str, Any]) -> str:
    """A TOML table (texts, whole numbers, floats, booleans, lists, tables) under the dotted ``path``.

    JSON's texts, numbers, booleans and lists are TOML's too; tables inside lists are written inline.
    """
    head = ".".join(json.dumps(part) for part in path)
    lines = [f"[{head}]"]
    lines += [f"{json.dumps(key)} = {_value(value)}" for key, value in table.items() if not isinstance(value, dict)]
    text = "\n".join(lines) + "\n"
    for key, value in table.items():
        if isinstance(value, dict):
            text += "\n" + to_toml([*path, key], value)
    return text


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, (str, bool, int, float)):
        # TOML forbids a bare DEL, which JSON lets through.
        return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")
    raise BadFile("A date cannot stand in the entry of a model; ask its owner to repair it.")


def layout_problems(spec: ModelSpec) -> list[str]:
    """What keeps ``models/<id>/`` from being a complete Hub model repository; one sentence each, empty if nothing."""
    if not isinstance(spec.source, Embedded):
        return [f"The model {spec.id} lies on the Hub already; only embedded models can be pushed."]
    try:
        folder = resources.path(f"models/{spec.source.folder}")
    except FileNotFoundError:
        return [f"There is no folder models/{spec.source.folder}."]
    wanted = dict.fromkeys(("README.md", "config.json", *spec.files))
    problems = [f"The file {name} is missing." for name in wanted if not (folder / name).is_file()]
    card = folder / "README.md"
    if card.is_file():
        text = card.read_text(encoding="utf-8")
        header = text.split("---\n", 2)[1] if text.startswith("---\n") and text.count("---\n") >= 2 else ""
        problems += [
            f"The header of README.md lacks {field!r}."
            for field in ("license", "tags")
            if f"\n{field}:" not in "\n" + header
        ]
    listed = {path.name for path in folder.iterdir() if path.suffix in WEIGHTS}
    problems += [f"The weights {name} are not in the entry." for name in sorted(listed - spec.files.keys())]
    return problems


def push(spec: ModelSpec, repo: str, *, private: bool = False) -> str:
    """Upload ``models/<id>/`` as it lies there; returns the address of the commit.

    Raises:
        BadFile: the folder is not a complete model repository.
        Unavailable: no token, no rights, or no network.
    """
    from huggingface_hub import HfApi

    if problems := layout_problems(spec):
        raise BadFile(f"The model {spec.id} cannot be pushed yet: {' '.join(problems)}")
    assert isinstance(spec.source, Embedded)
    folder = resources.path(f"models/{spec.source.folder}")
    try:
        api = HfApi()
        api.create_repo(repo, private=private, exist_ok=True)
        done = api.upload_folder(
            repo_id=repo, folder_path=str(folder), commit_message=f"Upload {spec.id}",
            ignore_patterns=["__pycache__/**", "*.pyc", ".*"],
        )  # fmt: skip
    except Exception as error:
        raise explain(error, repo) from error
    return str(done.commit_url)
