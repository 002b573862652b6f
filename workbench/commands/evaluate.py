"""``workbench evaluate``: the measurements behind the cards, with their fixed sets and seeds, run again.

What there is stands in ``models/evaluations.toml``. Each run is a process of its own with one thread of every numeric
library, so that neither this program nor the number of cores changes a figure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.errors import BadRequest, Unavailable

#: Words of a line, or keys of a table, that tell how long something took: these differ from run to run.
_CLOCK = re.compile(r"second|\bms\b|_ms\b|minute|elapsed|took|time$|speed|rate_of_work|it/s", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_NEEDS = {
    "data": "the training data (WORKBENCH_DATA_DIR and WORKBENCH_TRAIN_DIR)",
    "train": "the extra 'train' (pip install 'music-workbench[train]')",
    "fonts": "FluidSynth and a soundfont of the system",
}


@dataclass(frozen=True)
class Evaluation:
    """One measurement. ``command``: what is run; ``quick``: the same on less. ``{out}`` in either is a file of JSON."""

    id: str
    card: str
    about: str
    command: tuple[str, ...]
    quick: tuple[str, ...]
    needs: tuple[str, ...]
    minutes: float


def evaluations() -> dict[str, Evaluation]:
    """All there are, by id, in the order of the file."""
    table = tomllib.loads(resources.path("models/evaluations.toml").read_text(encoding="utf-8"))["runs"]
    out = {}
    for name, entry in table.items():
        script = entry.get("script")
        start = (str(resources.path(f"models/{script}")),) if script else ("-m", entry["module"])
        full = tuple(entry.get("arguments", ()))
        out[name] = Evaluation(
            name, entry["card"], entry["about"], (*start, *full), (*start, *entry.get("quick", full)),
            tuple(entry.get("needs", ())), float(entry["minutes"]),
        )  # fmt: skip
    return out


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Mount the command on the command line."""
    parser = commands.add_parser(
        "evaluate", help="measure again what stands on the models' cards",
        description="Run the measurements behind the cards, on their fixed sets and seeds; no name: list them.",
    )  # fmt: skip
    parser.add_argument("name", nargs="*", help="which (all: 'all')")
    parser.add_argument("--quick", action="store_true", help="on a small part of each set")
    parser.add_argument("--twice", action="store_true", help="each twice, and say whether the numbers are the same")
    parser.add_argument("-o", "--out", type=Path, metavar="DIR", help="keep what each run prints and its figures here")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Measure; returns the lines to print.

    Raises:
        BadRequest: there is no such measurement.
        Unavailable: one could not be run, or its numbers are not the same twice.
    """
    known = evaluations()
    if not arguments.name:
        return "\n".join(f"{one.id:16} {one.minutes:5.1f} min  {one.card}: {one.about}." for one in known.values())
    names = list(known) if arguments.name == ["all"] else arguments.name
    if odd := [name for name in names if name not in known]:
        raise BadRequest(f"There is no measurement {odd[0][:40]!r}; choose one of {', '.join(known)}.")
    lines, other = [], []
    for name in names:
        one = known[name]
        if missing := lacking(one.needs):
            lines.append(f"{name}: left out, since it needs {missing}.")
            continue
        found = measure(one, quick=arguments.quick, out=arguments.out)
        lines.append(f"{name} ({found['seconds']:.0f} s)\n{found['printed'].strip()}")
        if arguments.twice:
            apart = differences(found, measure(one, quick=arguments.quick, out=None))
            lines.append(f"{name}: {'the same numbers twice' if not apart else 'OTHER NUMBERS: ' + '; '.join(apart)}.")
            other += [name] if apart else []
    if other:
        print("\n\n".join(lines))
        raise Unavailable(f"The numbers were not the same twice for {', '.join(other)}.")
    return "\n\n".join(lines)


def lacking(needs: Sequence[str]) -> str:
    """The first thing that is needed and not here, in words; "" if all is here."""
    import importlib.util
    import shutil

    here = {
        "data": all(Path(os.environ.get(name, "") or "/nowhere").is_dir() for name in _DATA),
        "train": importlib.util.find_spec("torch") is not None and importlib.util.find_spec("symusic") is not None,
        "fonts": shutil.which("fluidsynth") is not None,
    }
    return next((_NEEDS[need] for need in needs if not here[need]), "")


_DATA = ("WORKBENCH_DATA_DIR", "WORKBENCH_TRAIN_DIR")


def measure(one: Evaluation, *, quick: bool, out: Path | None) -> dict[str, Any]:
    """Run one measurement: what it ``printed``, its ``figures`` (JSON, None where it writes none), ``seconds``, and on
    what: versions and processor.

    Raises:
        Unavailable: it failed; the sentence has its last words.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "figures.json"
        command = [part.replace("{out}", str(place)) for part in (one.quick if quick else one.command)]
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        begin = time.monotonic()
        done = subprocess.run(
            [sys.executable, *command], capture_output=True, text=True, encoding="utf-8", check=False,
            env={**os.environ, **threads, "PYTHONHASHSEED": "0"},
        )  # fmt: skip
        if done.returncode:
            last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no reason given")
            raise Unavailable(f"The measurement {one.id} failed: {last[:300]}")
        figures = json.loads(place.read_text(encoding="utf-8")) if place.exists() else None
    found = {
        "id": one.id, "card": one.card, "quick": quick, "printed": done.stdout, "figures": figures,
        "seconds": round(time.monotonic() - begin, 1), "on": circumstances(),
    }  # fmt: skip
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{one.id}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return found


def circumstances() -> dict[str, str]:
    """What figures may depend on: versions of what computes, and the kind of processor."""
    from importlib import metadata

    from workbench import __version__

    versions = {"workbench": __version__, "python": platform.python_version(), "machine": platform.machine()}
    for name in ("numpy", "torch", "onnxruntime"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Where the numbers of two runs differ, at most five places; how long something took does not count."""
    apart = _apart(first.get("figures"), second.get("figures"), "")
    one, two = _numbers(first["printed"]), _numbers(second["printed"])
    apart += [f"{a} and {b}" for a, b in zip(one, two, strict=False) if a != b]
    if len(one) != len(two):
        apart.append(f"{len(one)} and {len(two)} lines of figures")
    return apart[:5]


def _numbers(text: str) -> list[str]:
    """The lines of a report that hold figures, without those that tell times."""
    return [line.strip() for line in text.splitlines() if _NUMBER.search(line) and not _CLOCK.search(line)]


def _apart(one: Any, two: Any, where: str) -> list[str]:
    if isinstance(one, dict) and isinstance(two, dict):
        keys = [key for key in dict.fromkeys([*one, *two]) if not _CLOCK.search(str(key))]
        return [text for key in keys for text in _apart(one.get(key), two.get(key), f"{where}.{key}".strip("."))]
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        return [text for at, pair in enumerate(zip(one, two, strict=True)) for text in _apart(*pair, f"{where}[{at}]")]
    return [] if one == two or (one != one and two != two) else [f"{where}: {one} and {two}"]
