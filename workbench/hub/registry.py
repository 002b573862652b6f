"""Which models exist: those of ``models/registry.toml``, those a person added, and those of installed plug-ins.

All three come through one door, :meth:`Registry.add`, which refuses a second model of the same name. A broken
plug-in or a broken line in the person's own file never keeps the workbench from starting: it is left out and named
in :attr:`Registry.problems`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.errors import BadFile, BadRequest, Unavailable, WorkbenchError
from workbench.hub import places
from workbench.hub.card import read_table
from workbench.hub.protocol import Model
from workbench.hub.spec import ModelSpec, spec_from_table

GROUP = "workbench.models"
MAX_FILE = 1_000_000
#: So many models a sentence about an unknown one names.
MOST_NAMED = 8


def chosen(specs: Sequence[ModelSpec], weights: str) -> list[ModelSpec]:
    """What there is when the owner offers one set of embedded weights (:func:`workbench.resources.weight_set`).

    With ``pop`` all there are. With ``open`` those of the set ``pop`` are not there at all, whoever asks for them by
    name, and each one's open counterpart (of the same task) is its task's default.
    """
    if weights == "pop":
        return list(specs)
    left = [spec for spec in specs if spec.weights != "pop"]
    served = {spec.task for spec in left if spec.default}
    return [replace(s, default=True) if s.weights == "open" and s.task not in served else s for s in left]


class Registry:
    """Models by id, in the order they were added."""

    def __init__(self, specs: Iterable[ModelSpec] = ()) -> None:
        """``specs`` are added one by one; raises :class:`BadFile` on a duplicate."""
        self._specs: dict[str, ModelSpec] = {}
        self.local: dict[str, Path] = {}
        self.problems: list[str] = []
        for spec in specs:
            self.add(spec)

    @classmethod
    def load(cls, *, plugins: bool = True, user: bool = True, weights: str | None = None) -> Registry:
        """The registry of this installation.

        Args:
            plugins, user: whether those of plug-ins, and those a person added, are among them.
            weights: the owner's set of embedded weights (:func:`chosen`); by default as the settings say.

        Raises:
            BadFile: the built-in file is broken (which the tests rule out), or the settings name no set there is.
        """
        registry = cls()
        adapters, tables = _read_file(resources.path("models/registry.toml"), built_in=True)
        own = [spec_from_table(model_id, table, adapters) for model_id, table in tables.items()]
        for spec in chosen(own, resources.weight_set() if weights is None else weights):
            registry.add(spec)
        if user:
            registry._add_user(adapters)
        if plugins:
            registry._add_plugins(metadata.entry_points(group=GROUP))
        return registry

    def add(self, spec: ModelSpec) -> None:
        """Add one model; raises :class:`BadFile` if its name, or its place as its task's default, is taken."""
        if spec.id in self._specs:
            raise BadFile(f"There are two models called {spec.id!r}; rename or remove one.")
        if spec.default and self.default(spec.task) is not None:
            raise BadFile(f"The model {spec.id!r} wants to be the default for {spec.task}, but there is one already.")
        self._specs[spec.id] = spec

    def get(self, model_id: str) -> ModelSpec:
        """The model of this name; raises :class:`BadRequest` that lists choices, the likeliest first."""
        if model_id not in self._specs:
            asked = str(model_id)[:64]
            near = get_close_matches(asked, self._specs, n=MOST_NAMED, cutoff=0.3)
            names = [*near, *(name for name in self._specs if name not in near)]
            more = ", or another of the Models page" if len(names) > MOST_NAMED else ""
            raise BadRequest(f"There is no model {asked!r}; choose one of {', '.join(names[:MOST_NAMED])}{more}.")
        return self._specs[model_id]

    def default(self, task: str) -> ModelSpec | None:
        """The embedded model that steps in for a task; None if the task has none."""
        return next((spec for spec in self._specs.values() if spec.default and spec.task == task), None)

    def find(self, name: str) -> ModelSpec:
        """A model by its id, or the default of a task by the task's name; raises :class:`BadRequest`."""
        if name in self._specs:
            return self._specs[name]
        return self.default(name) or self.get(name)

    def for_task(self, task: str) -> list[ModelSpec]:
        """All models of a task, the default first."""
        return sorted((spec for spec in self if spec.task == task), key=lambda spec: not spec.default)

    def __iter__(self) -> Iterator[ModelSpec]:
        return iter(self._specs.values())

    def __len__(self) -> int:
        return len(self._specs)

    def __contains__(self, model_id: object) -> bool:
        return model_id in self._specs

    def _add_user(self, adapters: Mapping[str, str]) -> None:
        path = places.user_registry()
        if not path.exists():
            return
        try:
            local, tables = _read_file(path, built_in=False)
        except BadFile as error:
            self.problems.append(str(error))
            return
        for model_id, table in tables.items():
            try:
                self.add(spec_from_table(model_id, table, adapters, "added"))
            except BadFile as error:
                self.problems.append(str(error))
        self.local = {name: Path(text).expanduser() for name, text in local.items()}

    def _add_plugins(self, points: Iterable[metadata.EntryPoint]) -> None:
        for point in points:
            source = f"plugin {point.name}"
            try:
                offered = point.load()
                offered = offered() if callable(offered) else offered
                specs = [offered] if isinstance(offered, ModelSpec) else list(offered)
                for spec in specs:
                    if not isinstance(spec, ModelSpec):
                        raise BadFile(f"The {source} offers something that is not a model.")
                    self.add(spec)
            except WorkbenchError as error:
                self.problems.append(str(error))
            except Exception as error:
                self.problems.append(f"The {source} could not be loaded ({type(error).__name__}); update or remove it.")


def _read_file(path: Path, *, built_in: bool) -> tuple[dict[str, str], dict[str, Any]]:
    """``(adapters or local paths, model tables)`` of a registry file."""
    first = "adapters" if built_in else "local"
    try:
        if path.stat().st_size > MAX_FILE:
            raise BadFile(f"{path.name} is too large for a list of models.")
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadFile(f"The list of models {path.name} cannot be read; repair it or delete it.") from error
    table = read_table(data, {first, "models"}, set(), f"The list of models {path.name}")
    texts, models = table.get(first, {}), table.get("models", {})
    if (
        not isinstance(texts, dict)
        or not isinstance(models, dict)
        or not all(isinstance(t, str) for t in texts.values())
    ):
        raise BadFile(f"The list of models {path.name} must hold tables of texts and of models.")
    return texts, models


def built_in_adapters() -> dict[str, str]:
    """Adapter names that a registry file or a Hub repository may use, with their ``module:Class``."""
    return _read_file(resources.path("models/registry.toml"), built_in=True)[0]


def adapter_class(spec: ModelSpec) -> type[Model]:
    """Import the class that runs a model.

    Raises:
        Unavailable: the extra it needs is not installed, or the class is not there.
    """
    module, _, name = spec.adapter.partition(":")
    try:
        found = getattr(import_module(module), name)
    except ImportError as error:
        raise missing_extra(spec, error) from error
    except AttributeError as error:
        raise Unavailable(f"The code of the model {spec.id} is not part of this installation; update it.") from error
    if not (isinstance(found, type) and issubclass(found, Model)):
        raise Unavailable(f"The code of the model {spec.id} does not follow the model protocol; update it.")
    return found


def missing_extra(spec: ModelSpec, error: ImportError) -> Unavailable:
    """One sentence for an import that failed, naming the extra that brings it."""
    if spec.extra:
        return Unavailable(
            f"The model {spec.id} needs the extra {spec.extra!r}: run  pip install 'music-workbench[{spec.extra}]'."
        )
    return Unavailable(
        f"The model {spec.id} needs the module {error.name or 'of its adapter'}, which is not installed."
    )
