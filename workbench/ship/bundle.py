"""A folder for a stick: wheels, start scripts, a page that explains it in five languages, and a list of checksums."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench import __version__, fsutil
from workbench.errors import BadRequest, Unavailable
from workbench.ship import carried, checksums, own, wheelhouse
from workbench.ship.targets import Target, listed
from workbench.ship.wheelhouse import Set

ONSTICK = Path(__file__).parent / "onstick"
LANGUAGES = ("en", "de", "es", "pt", "zh")
#: System family -> scripts: name on the stick and here, and whether it is Windows' own kind of text.
SCRIPTS = {
    "windows": (("start.bat", "start.bat"), ("class.bat", "class.bat")),
    "macos": (("start.command", "start.sh"), ("class.command", "class.sh")),
    "linux": (("start.sh", "start.sh"), ("class.sh", "class.sh"), ("start.desktop", "start.desktop")),
}
_FAMILIES = {"windows": "Windows", "macos": "macOS", "linux": "Linux"}
_MACHINES = {"x86_64": "Intel, AMD", "arm64": "ARM"}
#: What a stick takes at least, in bytes: asked for before anything is fetched.
_LEAST = 400_000_000


@dataclass(frozen=True)
class Built:
    """What was built: files and bytes of the folder, bytes of models among them, and one set of packages a target."""

    folder: Path
    files: int
    size: int
    models: int
    sets: tuple[Set, ...]

    @property
    def remarks(self) -> list[str]:
        """What the teacher should know, one sentence each."""
        out = []
        for one in self.sets:
            parts = [path for path in one.files if path.name.startswith(("nvidia_", "triton-"))]
            if parts:
                size = sum(path.stat().st_size for path in parts)
                out.append(
                    f"Of {one.target.name}, {size / 1e9:.1f} GB are torch's parts for graphics cards; to do without "
                    "them, set PIP_INDEX_URL to PyTorch's own index for CPU wheels and PIP_EXTRA_INDEX_URL to yours."
                )
        return out


def build(
    folder: str | Path, targets: Sequence[Target], *, extras: Iterable[str] = ("app",), models: Iterable[str] = (),
    tell: Callable[[str], None] = lambda text: None,
) -> Built:  # fmt: skip
    """Write the whole folder; an older one of ours is replaced, a Python that was put into it is kept.

    Args:
        folder: where to; empty, new, or built by this function before.
        targets: the computers that it is for.
        extras: the package's extras that are installed there.
        models: ids of fetched models whose files go along.
        tell: hears of each step.

    Raises:
        BadRequest: no such extra or model.
        BadFile: this installation cannot make the package's wheel.
        Unavailable: no room, no network, or a package that has no wheel for one of the computers.
    """
    place, extras = Path(folder), tuple(dict.fromkeys(extras))
    _refuse_others_files(place)
    with fsutil.replacing_folder(place) as new:
        fsutil.check_space(new, _LEAST)
        wheels = new / "wheels"
        wheels.mkdir()
        tell("Making the workbench's own wheel")
        scratch = new / ".own"
        scratch.mkdir()
        made = own.wheel(scratch)
        sets = tuple(wheelhouse.fetch(made, extras, target, wheels, tell) for target in targets)
        shutil.rmtree(scratch)
        if chosen := tuple(models):
            tell("Copying models")
            (new / "models").mkdir()
            weight = carried.carry(chosen, new / "models", extras)
            if not weight:
                (new / "models").rmdir()
        else:
            weight = 0
        _scripts(new, sets)
        about = {
            "workbench": __version__, "extras": list(extras),
            "targets": {one.target.name: {"bytes": one.installed_bytes + weight, "packages": one.packages}
                        for one in sets},
        }  # fmt: skip
        (new / "manifest.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        tell("Writing the list of checksums")
        files = checksums.write(new) + 1
        size = sum(path.stat().st_size for path in new.rglob("*") if path.is_file())
        if (place / checksums.OWN).is_dir():
            shutil.copytree(place / checksums.OWN, new / checksums.OWN, symlinks=True)
    return Built(place, files, size, weight, tuple(_moved(one, place / "wheels") for one in sets))


def _moved(one: Set, wheels: Path) -> Set:
    return Set(
        one.target, one.listed, one.packages, one.installed_bytes, tuple(wheels / path.name for path in one.files)
    )


def _refuse_others_files(place: Path) -> None:
    """Nobody's own file is lost: a folder is replaced only if all in it is ours, or a Python in its place."""
    if not place.is_dir() or not any(place.iterdir()) or not (place / checksums.FILE).is_file():
        return  # new, empty, or refused as other files by the one who replaces it
    if strange := checksums.foreign(place):
        raise Unavailable(
            f"The folder {fsutil.shown(place)} holds files that are not the workbench's ({strange[0][:80]}); move "
            "them, or name another folder."
        )


def _scripts(new: Path, sets: Sequence[Set]) -> None:
    """What is double-clicked and what that runs, with its words."""
    stick = new / "stick"
    (stick / "words").mkdir(parents=True)
    for name in ("start.py", "target.py", "words.json"):
        shutil.copyfile(ONSTICK / name, stick / name)
    families = dict.fromkeys(one.target.family for one in sets)
    for family in families:
        for name, source in SCRIPTS[family]:
            text = (ONSTICK / source).read_text(encoding="utf-8")
            # cmd finds its labels only between lines that end as Windows ends them
            (new / name).write_text(text, encoding="utf-8", newline="\r\n" if family == "windows" else "\n")
            (new / name).chmod(0o755)
    versions = sorted({one.target.python for one in sets}, key=lambda text: int(text.partition(".")[2]))
    said = json.loads((ONSTICK / "words.json").read_text(encoding="utf-8"))
    for language in LANGUAGES:
        for key in ("python-missing", "python-other"):
            text = said[language][key].format(versions=" / ".join(versions))
            (stick / "words" / f"{key}.{language}.txt").write_text(text + "\n", encoding="utf-8", newline="\r\n")
    (new / "README.html").write_text(_page(sets, versions), encoding="utf-8")


def _page(sets: Sequence[Set], versions: Sequence[str]) -> str:
    """The page that explains the stick."""
    systems = dict.fromkeys(_spoken(one.target) for one in sets)
    size = max(one.installed_bytes for one in sets) + 200_000_000
    values = {"versions": " / ".join(versions), "systems": ", ".join(systems), "size": f"{size / 1e9:.1f} GB"}
    sections = []
    for language in LANGUAGES:
        text = (ONSTICK / "readme" / f"{language}.html").read_text(encoding="utf-8").format(**values)
        sections.append(f'<section id="{language}" lang="{language}">\n{text}</section>\n')
    page = (ONSTICK / "readme" / "page.html").read_text(encoding="utf-8")
    return page.replace("{sections}", "\n".join(sections))


def _spoken(target: Target) -> str:
    machine = target.system.partition("-")[2]
    return f"{_FAMILIES[target.family]} ({_MACHINES.get(machine, machine)})"


def check(folder: str | Path) -> int:
    """Compare every file of a stick with the list; returns how many there are.

    Raises:
        BadFile: there is no list.
        BadRequest: something is missing, damaged or too much; the sentence names the first of it.
    """
    found = checksums.problems(Path(folder))
    if found:
        more = f" {len(found) - 1} more like it." if len(found) > 1 else ""
        raise BadRequest(f"The stick is not whole: {found[0]}{more} Copy it again.")
    return len(checksums.listed(Path(folder)))


def sentence(built: Built) -> str:
    """What was built, in a line."""
    names = listed([one.target.name for one in built.sets], "and")
    models = f", {built.models / 1e6:,.0f} MB of it models" if built.models else ""
    needs = max(one.installed_bytes for one in built.sets)
    return (
        f"{built.folder}: the workbench for {names}, {built.files} files, {built.size / 1e6:,.0f} MB{models}; "
        f"set up it takes {needs / 1e9:.1f} GB."
    )
