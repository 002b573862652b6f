"""A Space's whole folder, as it is pushed to Hugging Face: the page, the package with its models, what to install.

A Space of the Gradio kind installs ``requirements.txt`` while nothing else of its repository is there yet (the file is
mounted by itself), so it cannot name a wheel that lies beside it, and this package is in no index. The folder therefore
carries the package as it is, beside ``app.py``, where Python finds it first; ``requirements.txt`` names what the
package needs, and its header the release of Gradio that this installation was tried with.
"""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from workbench import __version__, fsutil, resources
from workbench.errors import BadFile, BadRequest

#: The distribution, and the extra of it that a page needs.
PACKAGE, EXTRA = "music-workbench", "app"
#: Further extras of a Space.
MORE = {"study": ("study",)}
#: What of the package no server needs: the sources of the browser core, and what Python leaves behind.
LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "*.pyc", ".*", "node_modules", "src", "tests", "tools", "package.json", "package-lock.json",
    "tsconfig.json", "*.mjs", "vitest.config.ts", "spaces",
)  # fmt: skip
#: Fields that the Hub wants in the header of a Space's page.
HEADER = ("title", "sdk", "sdk_version", "python_version", "app_file", "license")
#: A page's script stays a page's script.
MAX_LINES = 30
#: The largest folder that is pushed without a question, in bytes: a Space's free disk holds far more.
MAX_BYTES = 500_000_000


def names() -> list[str]:
    """The Spaces that can be built."""
    return sorted(path.name for path in resources.path("spaces").iterdir() if (path / "app.py").is_file())


def source(name: str) -> Path:
    """The folder of a Space's own files; raises :class:`BadRequest` for a name that is none."""
    if name not in names():
        raise BadRequest(f"There is no Space {name[:60]!r}; there are {' and '.join(names())}.")
    return resources.path("spaces") / name


def requirements(more: tuple[str, ...] = ()) -> list[str]:
    """What the package with its page needs from an index, a line each, without Gradio (the Space brings that).

    Args:
        more: extras that are needed beside the page's.

    Raises:
        BadFile: the package runs without having been installed, so that nobody wrote down what it needs.
    """
    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in _declared(more)]
    extras = {"", EXTRA, *more}

    def holds(line: Requirement) -> bool:
        return line.marker is None or any(line.marker.evaluate({"extra": extra}) for extra in extras)

    while fresh := {one for line in wanted if line.name == PACKAGE and holds(line) for one in line.extras} - extras:
        extras |= fresh  # an extra that names another of the package's own
    named = [line for line in wanted if line.name not in ("gradio", PACKAGE) and holds(line)]
    return sorted({f"{line.name}{_extras(line.extras)}{line.specifier}" for line in named})


def _declared(more: tuple[str, ...]) -> list[str]:
    """The requirements of the package: by ``pyproject.toml`` in a repository, else as it was installed."""
    project = Path(resources.__file__).parent.parent / "pyproject.toml"
    if project.is_file():
        table = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {})
        if table.get("name") == PACKAGE:
            extras = table["optional-dependencies"]
            lines = [*table["dependencies"]]
            for extra in _with_own((EXTRA, *more), extras):
                lines += [line for line in extras[extra] if not line.startswith(f"{PACKAGE}[")]
            return lines
    try:
        return metadata.requires(PACKAGE) or []
    except metadata.PackageNotFoundError as error:
        raise BadFile("Install the workbench with pip to build a Space from it.") from error


def _with_own(wanted: tuple[str, ...], extras: Mapping[str, list[str]]) -> list[str]:
    """Extras, and those of the package's own that they name in turn."""
    from packaging.requirements import Requirement

    out: list[str] = []
    ahead = list(wanted)
    while ahead:
        extra = ahead.pop(0)
        if extra not in out:
            out.append(extra)
            named = (Requirement(line) for line in extras[extra] if line.startswith(f"{PACKAGE}["))
            ahead += [inner for line in named for inner in sorted(line.extras)]
    return out


def _extras(extras: set[str]) -> str:
    return f"[{','.join(sorted(extras))}]" if extras else ""


def build(name: str, folder: str | Path) -> Path:
    """Write the whole folder of a Space; an older build of it is replaced.

    Args:
        name: one of :func:`names`.
        folder: where to.

    Raises:
        BadRequest: there is no such Space.
        BadFile: the installation does not know what it needs.
        Unavailable: the disk is full or the place cannot be written.
    """
    page, needed = source(name), requirements(MORE.get(name, ()))
    with fsutil.replacing_folder(folder) as place:
        shutil.copytree(page, place, dirs_exist_ok=True, ignore=LEFT_OUT)
        package = Path(resources.__file__).parent
        shutil.copytree(package, place / "workbench", ignore=LEFT_OUT)
        for part in ("models", "assets"):  # where a repository has them; in a wheel they lie inside the package
            if not (place / "workbench/_data" / part).is_dir():
                shutil.copytree(resources.path(part), place / part, ignore=LEFT_OUT)
        (place / "requirements.txt").write_text("\n".join(needed) + "\n", encoding="utf-8")
        carried = {"space": name, "workbench": __version__}  # also the mark of a folder that may be replaced
        (place / "manifest.json").write_text(json.dumps(carried) + "\n", encoding="utf-8")
        card = place / "README.md"
        card.write_text(_with_version(card.read_text(encoding="utf-8")), encoding="utf-8")
    return Path(folder)


def _with_version(text: str) -> str:
    """The header with the release of Gradio that stands here."""
    return re.sub(r"(?m)^sdk_version: .*$", f"sdk_version: {metadata.version('gradio')}", text, count=1)


def problems(folder: str | Path) -> list[str]:
    """What keeps a folder from being a Space that can start; one sentence each, empty if nothing."""
    place = Path(folder)
    wanted = ("README.md", "app.py", "requirements.txt", "workbench/__init__.py")
    out = [f"The file {name} is missing." for name in wanted if not (place / name).is_file()]
    if out:
        return out
    text = (place / "README.md").read_text(encoding="utf-8")
    header = text.split("---\n", 2)[1] if text.startswith("---\n") and text.count("---\n") >= 2 else ""
    out += [f"The header of README.md lacks {field!r}." for field in HEADER if f"\n{field}:" not in "\n" + header]
    needed = (place / "requirements.txt").read_text(encoding="utf-8").split("\n")
    if any(line.startswith(PACKAGE) or line.startswith((".", "/")) for line in needed):
        out.append("requirements.txt names a package that no index has.")
    lines = len((place / "app.py").read_text(encoding="utf-8").splitlines())
    if lines > MAX_LINES:
        out.append(f"app.py has {lines} lines; {MAX_LINES} are enough for a page.")
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    if size > MAX_BYTES:
        out.append(f"The folder has {size / 1e6:,.0f} MB, which is more than a Space should carry.")
    return out


def push(name: str, repo: str, *, private: bool = False) -> str:
    """Build a Space and upload it with the Hub's own client; returns the address of the commit.

    Files that the Space no longer has are removed there.

    Args:
        name: one of :func:`names`.
        repo: ``owner/name`` of the Space; it is made where there is none.
        private: make it one that only its owner sees.

    Raises:
        BadFile: the folder would not start; the sentence says why.
        Unavailable: no token, no rights, or no network.
    """
    import tempfile

    from huggingface_hub import HfApi

    from workbench.hub.weights.hub import explain

    with tempfile.TemporaryDirectory() as place:
        folder = build(name, Path(place) / "space")
        if found := problems(folder):
            raise BadFile(f"The Space {name} cannot be pushed yet: {' '.join(found)}")
        try:
            api = HfApi()
            api.create_repo(repo, repo_type="space", space_sdk="gradio", private=private, exist_ok=True)
            done = api.upload_folder(
                repo_id=repo, repo_type="space", folder_path=str(folder), commit_message=f"Upload {name}",
                delete_patterns=["*"],
            )  # fmt: skip
        except Exception as error:
            raise explain(error, repo) from error
    return str(done.commit_url)
