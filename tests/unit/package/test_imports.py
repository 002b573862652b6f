"""The layers: who may import whom, and how light the package is to import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "workbench"
#: Layer -> layers it may import. Every layer may import errors, fsutil, resources and itself.
ALLOWED = {
    "score": set(),
    "sound": {"score"},
    "tokens": {"score"},
    "nets": {"tokens"},
    "training": {"score", "sound", "tokens", "nets"},
    "hub": {"score", "sound"},
    "understand": {"score", "sound", "hub", "tokens", "nets"},
    "create": {"score", "sound", "hub", "tokens", "nets", "understand"},
    "provenance": {"score", "sound", "hub"},
    "deliver": {"score", "sound", "provenance"},
    "study": {"score", "hub", "provenance"},
    "web": set(),
}
COMMON = {"errors", "fsutil", "resources", "__version__"}
HEAVY = {
    "torch", "torchaudio", "gradio", "music21", "pandas", "onnxruntime", "av", "symusic", "huggingface_hub",
    "plotly", "transformers", "soundfile", "soxr", "scipy", "pretty_midi", "anywidget", "pyloudnorm", "safetensors",
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


@pytest.mark.parametrize("layer", sorted(ALLOWED))
def test_layers_import_only_what_the_design_allows(layer: str) -> None:
    for path in PACKAGE.joinpath(layer).rglob("*.py"):
        if "node_modules" in path.parts:
            continue
        for name in imports(path, top_level_only=False):
            parts = name.split(".")
            if parts[0] == "workbench" and len(parts) > 1:
                assert parts[1] in ALLOWED[layer] | COMMON | {layer}, f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_are_imported_late(path: Path) -> None:
    layer = path.relative_to(PACKAGE).parts[0]
    excused = {"nets": {"torch"}, "training": HEAVY, "ui": {"gradio", "plotly"}, "jupyter": {"anywidget"}}
    for name in imports(path, top_level_only=True):
        top = name.split(".")[0]
        assert top not in HEAVY - excused.get(layer, set()), f"{path.relative_to(ROOT)} imports {top} at its top"


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, workbench, workbench.cli; workbench.Score; "
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(out)
    assert "workbench" in out


def test_no_file_is_longer_than_a_head_can_hold() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in MODULES
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 450
    }
    assert not long
