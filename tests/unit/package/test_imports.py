"""The layers: who may import whom, and how light the package is to import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "workbench"
#: Room -> rooms it may import. Every room may import errors, fsutil, resources and itself.
ALLOWED = {
    "score": set(),
    "web": set(),
    "tokens": {"score"},
    "nets": {"score", "tokens"},
    "sound": {"score"},
    "training": {"score", "sound", "tokens", "nets"},
    "hub": {"score", "sound"},
    "understand": {"score", "sound", "hub", "tokens", "nets"},
    "create": {"score", "sound", "hub", "tokens", "nets", "understand"},
    "provenance": {"score", "sound", "hub"},
    "deliver": {"score", "sound", "provenance"},
    "study": {"score", "hub", "provenance"},
    "ship": {"hub"},
}
ALLOWED["page"] = set(ALLOWED) - {"training", "web"}
ALLOWED |= {host: {*ALLOWED["page"], "page"} for host in ("ui", "jupyter", "stage", "commands")}
ALLOWED["evaluation"] = {*ALLOWED["create"], "create", "provenance", "training"}
#: The one circle of more than three files: ``Score.open`` and ``Score.save`` know the formats, which know the score.
DOOR = ("workbench.score.score", "workbench.score.files")
LONGEST = 450  #: lines of a file
COMMON = {"errors", "fsutil", "resources", "__version__"}
HEAVY = {
    "torch", "torchaudio", "gradio", "music21", "pandas", "onnxruntime", "av", "symusic", "huggingface_hub",
    "plotly", "transformers", "soundfile", "soxr", "scipy", "pretty_midi", "anywidget", "pyloudnorm", "safetensors",
    "swift_f0",
}  # fmt: skip


def imports(path: Path, top_level_only: bool) -> set[str]:
    """Dotted names imported by a module; with ``top_level_only``, those that importing it executes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        if top_level_only and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(tree)
    return found


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts)


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def graph() -> dict[str, set[str]]:
    """Module -> modules of the package that it imports anywhere, late or not."""
    names = {dotted(path) for path in MODULES}
    out: dict[str, set[str]] = {}
    for path in MODULES:
        found = imports(path, top_level_only=False)
        known = {name if name in names else name.rpartition(".")[0] for name in found}
        out[dotted(path)] = known & names - {dotted(path)}
    return out


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Groups of two or more nodes each of which leads to every other."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        ahead = [start]
        while ahead:
            fresh = edges.get(ahead.pop(), set()) - seen
            seen |= fresh
            ahead += fresh
        return seen

    reach = {node: reached(node) for node in edges}
    groups = {frozenset({node} | {other for other in reach[node] if node in reach.get(other, ())}) for node in edges}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def test_every_room_has_its_rule() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0] for path in MODULES if path.parent != PACKAGE}
    assert rooms <= set(ALLOWED)


@pytest.mark.parametrize("layer", sorted(ALLOWED))
def test_layers_import_only_what_the_design_allows(layer: str) -> None:
    for path in PACKAGE.joinpath(layer).rglob("*.py"):
        if "node_modules" in path.parts:
            continue
        for name in imports(path, top_level_only=False):
            parts = name.split(".")
            if parts[0] == "workbench" and len(parts) > 1:
                assert parts[1] in ALLOWED[layer] | COMMON | {layer}, f"{path.relative_to(ROOT)} imports {name}"


def test_no_circle_between_folders() -> None:
    """Neither between rooms nor, inside one, between the folders that lie side by side."""
    modules = graph()
    folders = {dotted(path.parent / "__init__.py") for path in MODULES}
    for parent in folders:
        inside = {folder for folder in folders if folder.rpartition(".")[0] == parent}
        home = {
            module: next((folder for folder in inside if f"{module}.".startswith(f"{folder}.")), "")
            for module in modules
        }
        edges: dict[str, set[str]] = {folder: set() for folder in inside}
        for module, others in modules.items():
            if home[module]:
                edges[home[module]] |= {home[other] for other in others} - {"", home[module]}
        assert not circles(edges), f"folders of {parent} import each other"


def test_no_circle_of_many_files() -> None:
    modules = graph()
    modules[DOOR[0]].discard(DOOR[1])
    assert not [circle for circle in circles(modules) if len(circle) > 3]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_are_imported_late(path: Path) -> None:
    layer = path.relative_to(PACKAGE).parts[0]
    excused = {"nets": {"torch"}, "training": HEAVY, "ui": {"gradio", "plotly"}, "jupyter": {"anywidget"}}
    for name in imports(path, top_level_only=True):
        top = name.split(".")[0]
        assert top not in HEAVY - excused.get(layer, set()), f"{path.relative_to(ROOT)} imports {top} at its top"


def test_what_only_tests_install_is_never_imported() -> None:
    for path in MODULES:
        found = {name.split(".")[0] for name in imports(path, top_level_only=False)}
        assert not found & {"music21", "pyloudnorm", "pytest", "rpp", "scipy"}, path


def test_nothing_dead_is_in_the_base_installation() -> None:
    """What is installed without an extra is imported somewhere; mido may stay for people's notebooks alone."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {re.split(r"[<>=;\[ ]", line)[0].lower().replace("-", "_") for line in stated}
    used = {name.split(".")[0].lower() for path in MODULES for name in imports(path, top_level_only=False)}
    used |= {"pillow"} & {{"pil": "pillow"}.get(name, name) for name in used}  # imported under another name
    assert names - used <= {"mido"}


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, workbench, workbench.cli; workbench.Score; "
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(out)
    assert "workbench" in out


def test_no_file_is_longer_than_a_head_can_hold() -> None:
    scripts = [*(PACKAGE / "web" / "src").rglob("*.ts"), *(PACKAGE / "web" / "tests").rglob("*.ts")]
    assert scripts, "the browser core has moved"
    long = {
        str(path.relative_to(ROOT)): count
        for path in (*MODULES, *scripts)
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long
