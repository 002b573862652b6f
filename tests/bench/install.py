"""How large and how heavy an installation is, in a fresh environment that knows nothing of this one.

    python tests/bench/install.py [--keep DIR]

Builds the wheel, makes a virtual environment, installs the wheel without any extra, and prints four figures with
their bars: size of the wheel (below 60 MB), of everything that was installed (below 400 MB), the time that
``import workbench`` takes (below 0.3 s; the median of nine runs less that of ``pass``, and their ratio), and which of
the heavy libraries it loads (none); then the ten largest packages. The exit code is 1 if a bar is missed. Packages
come from wherever pip is set up to find them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
WHEEL_MB, INSTALL_MB, IMPORT_SECONDS = 60, 400, 0.3
RUNS = 9
HEAVY = ["torch", "gradio", "music21", "pandas", "transformers", "onnxruntime", "av", "symusic", "huggingface_hub"]


def run(command: Sequence[str | Path], where: Path) -> str:
    """Standard output of a command that must succeed, run in ``where`` with no ``PYTHONPATH``."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([str(part) for part in command], cwd=where, env=env, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command[:4]))} ... failed")
    return done.stdout


def megabytes(folder: Path) -> float:
    """Size of all files below a folder, in MB (2**20 bytes); links are not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 2**20


def seconds(python: Path, code: str, where: Path) -> float:
    """Median wall time of RUNS interpreters that run ``code``, after one that is not counted."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        run([python, "-c", code], where)
        times.append(time.perf_counter() - start)
    return median(times[1:])


def measure(work: Path) -> bool:
    """Print every figure; returns whether all bars are met."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run([*pip, "wheel", "-q", "--no-deps", "-w", work, ROOT], work)
    (wheel,) = work.glob("*.whl")
    place = work / "venv"
    venv.create(place, with_pip=True)
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    bare = megabytes(place)
    run([python, "-m", "pip", "--disable-pip-version-check", "install", "-q", wheel], work)
    nothing, imported = seconds(python, "pass", work), seconds(python, "import workbench", work)
    code = f"import sys, workbench; print(*[name for name in {HEAVY} if name in sys.modules])"
    loaded = run([python, "-c", code], work).strip()
    size, whole = wheel.stat().st_size / 2**20, megabytes(place) - bare
    print(f"wheel            {size:7.1f} MB   bar {WHEEL_MB} MB")
    print(f"base install     {whole:7.1f} MB   bar {INSTALL_MB} MB, pip itself not counted")
    print(
        f"import workbench {imported - nothing:7.3f} s    bar {IMPORT_SECONDS} s; "
        f"with the interpreter {imported:.3f} s, {imported / nothing:.1f} times python -c pass"
    )
    print(f"heavy libraries that it loads: {loaded or 'none'}")
    (packages,) = place.rglob("site-packages")
    sizes = sorted(((megabytes(item), item.name) for item in packages.iterdir() if item.is_dir()), reverse=True)
    print("the largest: " + ", ".join(f"{name} {size:.0f} MB" for size, name in sizes[:10]))
    return size < WHEEL_MB and whole < INSTALL_MB and imported - nothing < IMPORT_SECONDS and not loaded


def main() -> None:
    """Measure in a temporary folder, or in one that is kept."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--keep", type=Path, help="an empty folder to work in, left as it is at the end")
    keep = options.parse_args().keep
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        sys.exit(not measure(keep.resolve()))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(not measure(Path(folder).resolve()))


if __name__ == "__main__":
    main()
