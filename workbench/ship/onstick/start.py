"""Set the workbench up in the person's own folder, once, and start it; all from the stick, with no network.

The environment's folder is named after what is in it, so a second start finds it again and another stick makes its own.
A file written at the very end tells a whole environment from one whose making was broken off. Nothing is ever written
to the stick.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import target  # it lies beside this file

STICK = Path(__file__).resolve().parent.parent
#: The file that stands in a whole environment, and the one that a running workbench holds.
WHOLE, HELD = "whole.json", "held"
#: Environments of sticks that are kept, the one just made among them.
KEPT = 2
#: Left free on the disk besides what is installed, in bytes.
SPARE_BYTES = 200_000_000
#: pip as ``ensurepip`` runs it: from its wheel, without having been installed.
PIP = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('pip', run_name='__main__', alter_sys=True)"
)
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


class Trouble(Exception):
    """What a person is told, in one sentence."""


def language() -> str:
    """The two letters of the person's language."""
    if sys.platform == "win32":
        import ctypes
        import locale

        known = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "en")
        return known[:2].lower()
    found = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    return found[:2].lower()


def words() -> dict[str, str]:
    """The sentences of this file in the person's language, English where there is no other."""
    known = json.loads((Path(__file__).with_name("words.json")).read_text(encoding="utf-8"))
    return {**known["en"], **known.get(language(), {})}


WORDS = words()


def say(key: str, **values: object) -> None:
    """Print a sentence, also where the window's letters are few."""
    print(WORDS[key].format(**values), flush=True)


def home(system: str, environ: Mapping[str, str]) -> Path:
    """The person's own folder for what programs keep.

    Args:
        system: ``win32``, ``darwin`` or another name of :data:`sys.platform`.
        environ: the variables that name folders.
    """
    person = Path(environ.get("HOME") or os.path.expanduser("~"))
    if system == "win32":
        return Path(environ.get("LOCALAPPDATA") or person / "AppData/Local") / "Workbench"
    if system == "darwin":
        return person / "Library/Application Support/Workbench"
    return Path(environ.get("XDG_DATA_HOME") or person / ".local/share") / "workbench"


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables without those that would make Python look elsewhere."""
    kept = {key: value for key, value in environ.items() if not key.upper().startswith("PYTHON")}
    # The folder that a start was made from may hold anything; nothing is imported from there.
    return {**kept, "PYTHONNOUSERSITE": "1", "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1"}


def without_pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The same without what would make pip look elsewhere than on the stick."""
    kept = {key: value for key, value in clean(environ).items() if not key.upper().startswith("PIP_")}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def carried() -> Path | None:
    """The folder of the Python that the teacher put on the stick, if that is the one that runs this."""
    own = STICK / "python"
    return own if own in Path(os.path.abspath(sys.executable)).parents else None


def python_of(place: Path) -> Path:
    """The interpreter of an environment."""
    inside = place / "python"
    if inside.is_dir():
        return inside / ("python.exe" if os.name == "nt" else "bin/python3")
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def where() -> Path:
    """The environment's folder for what this stick installs with this Python (it need not exist)."""
    listed = Path(target.lock(str(STICK))).read_bytes()
    mark = hashlib.sha256(listed + repr((sys.version_info[:3], bool(carried()))).encode())
    return home(sys.platform, os.environ) / f"stick-{mark.hexdigest()[:10]}"


def is_whole(place: Path) -> bool:
    """Whether an environment was made to its end and its Python still runs."""
    if not (place / WHOLE).is_file():
        return False
    try:
        run = subprocess.run([str(python_of(place)), "-c", ""], env=clean(os.environ), capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0


@contextlib.contextmanager
def alone(place: Path) -> Iterator[None]:
    """Let one start at a time make an environment; others wait."""
    with place.with_suffix(".lock").open("a+b") as file:
        told = False
        while not _hold(file):
            if not told:
                say("waiting")
            told = True
            time.sleep(0.5)
        yield


def _hold(file: Any, *, shared: bool = False) -> bool:
    """Take a lock that ends with this process; False if another has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def make(place: Path) -> None:
    """Make the environment, from its folder to the file that says that it is whole.

    Raises:
        Trouble: it cannot be made; nothing is left behind.
    """
    about = json.loads((STICK / "manifest.json").read_text(encoding="utf-8"))["targets"][target.name()]
    try:
        if place.exists():
            say("again")
            shutil.rmtree(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(place.parent).free
        if about["bytes"] + SPARE_BYTES > free:
            raise Trouble(WORDS["disk"].format(needed=gigabytes(about["bytes"] + SPARE_BYTES), free=gigabytes(free)))
        say("making", folder=place)
        begun = time.monotonic()
        place.mkdir()
        python = _empty(place)
        _install(place, python, about["packages"])
        made = {"seconds": round(time.monotonic() - begun, 1), "target": target.name()}
        (place / WHOLE).write_text(json.dumps(made) + "\n", encoding="utf-8")
    except BaseException as error:
        shutil.rmtree(place, ignore_errors=True)
        if isinstance(error, OSError):
            full = error.errno in FULL or getattr(error, "winerror", 0) == 112
            free = shutil.disk_usage(_there(place)).free
            needed = gigabytes(about["bytes"] + SPARE_BYTES)
            raise Trouble(
                WORDS["disk"].format(needed=needed, free=gigabytes(free)) if full
                else WORDS["place"].format(folder=place.parent, reason=error.strerror or error)
            ) from error  # fmt: skip
        raise


def _there(place: Path) -> Path:
    while not place.exists() and place != place.parent:
        place = place.parent
    return place


def gigabytes(count: int) -> str:
    """A number of bytes for a sentence."""
    return f"{count / 1e9:.1f} GB"


def _empty(place: Path) -> Path:
    """An environment with nothing in it; its interpreter."""
    own = carried()
    if own is None:
        # Without pip: Debian's and Ubuntu's Python has the module that makes environments, but not the one that brings
        # pip, which is on the stick anyway.
        command = [sys.executable, "-m", "venv", "--without-pip", str(place)]
        run = subprocess.run(command, env=clean(os.environ), capture_output=True, text=True)
        if run.returncode:
            raise Trouble(WORDS["venv"].format(reason=_last(run.stderr or run.stdout)))
        return python_of(place)
    # An environment names the Python that it was made from, and a stick may be another drive tomorrow: the Python is
    # copied, and what is installed goes right into the copy.
    # On Windows without attributes: a file that is read-only on the stick could neither be changed nor deleted later.
    shutil.copytree(own, place / "python", copy_function=shutil.copyfile if os.name == "nt" else shutil.copy2)
    python = python_of(place)
    for path in python.parent.glob("python*._pth"):  # the small Python for Windows looks nowhere else
        path.write_text(path.read_text(encoding="utf-8") + "\nLib\\site-packages\nimport site\n", encoding="utf-8")
    ask = [str(python), "-c", "import os, sys; print(os.path.realpath(sys.prefix))"]
    run = subprocess.run(ask, env=clean(os.environ), capture_output=True, text=True)
    if run.returncode or not Path(run.stdout.strip()).is_relative_to(os.path.realpath(place)):
        raise Trouble(WORDS["portable"])
    return python


def _install(place: Path, python: Path, packages: int) -> None:
    """Let pip install the set from the stick's wheels, each with its sha256.

    Python compiles what is used when it is used: to compile all of it now takes longer, and a sixth more of the disk.
    """
    wheels = STICK / "wheels"
    pips = sorted(wheels.glob("pip-*.whl"))
    if not pips:
        raise Trouble(WORDS["damaged"].format(name="pip"))
    command = [
        str(python), "-c", PIP, str(pips[-1]), "install", "--no-index", "--find-links", str(wheels), "--no-deps",
        "--require-hashes", "--no-compile", "--no-cache-dir", "--no-warn-script-location", "--break-system-packages",
        "--no-color", "--progress-bar=off", "-r", target.lock(str(STICK)),
    ]  # fmt: skip
    log = place / "pip.txt"
    environ = {**without_pip_settings(os.environ), "TMPDIR": str(place), "TEMP": str(place), "TMP": str(place)}
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=environ, stdout=said, stderr=subprocess.STDOUT)
        try:
            shown = ""
            while process.poll() is None:
                time.sleep(0.2)
                count = sum(1 for _ in place.glob("**/site-packages/*.dist-info")) if sys.stdout.isatty() else 0
                line = WORDS["step"].format(done=count, all=packages)
                if count and line != shown:
                    shown = line
                    print(f"\r{line}", end="", flush=True)
            if shown:
                print(flush=True)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        raise _explain(log.read_text(encoding="utf-8", errors="replace"))


def _explain(said: str) -> Exception:
    """What pip had to say, in a sentence."""
    if "No space left on device" in said or "WinError 112" in said or "Disk quota exceeded" in said:
        return OSError(errno.ENOSPC, "full")
    damaged = "DO NOT MATCH THE HASHES" in said or "is invalid" in said or "BadZipFile" in said or "Bad CRC" in said
    if damaged or "Errno 5]" in said:
        named = re.search(r"^ +(\S+?)(?:==\S+)? .*\(from -r", said, re.MULTILINE) or re.search(r"'([^']+\.whl)'", said)
        return Trouble(WORDS["damaged"].format(name=Path(named[1]).name if named else "wheels"))
    if "No matching distribution found" in said or "not a supported wheel" in said:
        package = said.rpartition("for ")[2].split("=")[0].split()[:1]
        if package and not list((STICK / "wheels").glob(f"{package[0].replace('-', '_')}-*")):
            return Trouble(WORDS["damaged"].format(name=package[0]))
        return Trouble(WORDS["system"])
    return Trouble(WORDS["failed"].format(reason=_last(said)))


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["?"])[-1][:300].rstrip(".")


def take_models(place: Path) -> None:
    """Copy the models that the stick carries to where this person's are, once."""
    models, done = STICK / "models", place / "models.json"
    if not models.is_dir() or done.is_file():
        return
    say("models")
    command = [str(python_of(place)), "-m", "workbench.ship.carried", str(models)]
    run = subprocess.run(command, env=clean(os.environ), capture_output=True, text=True)
    if run.returncode:  # the workbench runs without them
        print(_last(run.stderr), flush=True)
    else:
        done.write_text("{}\n", encoding="utf-8")


def forget_old(place: Path) -> None:
    """Delete environments of other sticks but the newest, unless a workbench runs in them."""
    others = [path for path in place.parent.glob("stick-*") if (path / WHOLE).is_file() and path != place]
    others.sort(key=lambda path: (path / WHOLE).stat().st_mtime, reverse=True)
    for path in others[KEPT - 1 :]:
        with contextlib.suppress(OSError), (path / HELD).open("a+b") as file:
            if not _hold(file):
                continue
            file.close()
            gone = path.with_suffix(".gone")
            path.rename(gone)  # Windows refuses where a file of it is in use
            shutil.rmtree(gone, ignore_errors=True)


def serve(place: Path, arguments: list[str]) -> int:
    """Run the workbench; its address opens in the browser as soon as it is printed. Returns its exit code."""
    say("starting")
    command = [str(python_of(place)), "-m", "workbench", *arguments]
    with (place / HELD).open("a+b") as file:
        _hold(file, shared=True)
        process = subprocess.Popen(
            command, env=clean(os.environ), stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
        )
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        opened = False
        assert process.stdout is not None
        while True:
            try:
                for line in process.stdout:
                    print(line, end="", flush=True)
                    address = next((word for word in line.split() if word.startswith(("http://", "https://"))), "")
                    if address and not opened:
                        opened = True
                        show(address)
                return process.wait()
            except KeyboardInterrupt:  # the workbench heard it too, and ends by itself
                continue


def show(address: str) -> None:
    """Open the page, where there is a screen to open it on."""
    if os.name == "nt" or sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        with contextlib.suppress(webbrowser.Error, OSError):
            webbrowser.open(address)


def main(arguments: list[str]) -> int:
    """Set up what is missing, start, and say in one sentence what went wrong."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        place = where()
        if not is_whole(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            with alone(place):
                if not is_whole(place):  # another start may have made it meanwhile
                    make(place)
                    forget_old(place)
        os.utime(place / WHOLE)
        take_models(place)
        return serve(place, arguments)
    except Trouble as trouble:
        print(trouble, file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        return 1
    except FileNotFoundError as error:
        print(WORDS["damaged"].format(name=error.filename), file=sys.stderr, flush=True)
    except OSError as error:
        folder = home(sys.platform, os.environ)
        print(WORDS["place"].format(folder=folder, reason=error.strerror or error), file=sys.stderr, flush=True)
    if sys.stdin is not None and sys.stdin.isatty():
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            input(WORDS["enter"])
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
