"""Which of the stick's sets of packages fits the Python that runs this: ``linux-x86_64-3.12`` and its like.

Run as a script it ends with 0 where the stick carries that set, and with 3 where it does not; the start scripts try
every Python they find with it.
"""

from __future__ import annotations

import os
import platform
import sys
import sysconfig

#: Names of processors that mean the same.
MACHINES = {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64"}


def name() -> str:
    """The set for this Python: its system, processor and version."""
    built = sysconfig.get_platform().lower()  # win-amd64, linux-x86_64, macosx-11.0-universal2
    system = {"win": "windows", "mac": "macos"}.get(built[:3], built.partition("-")[0])
    # A Python for macOS may be made for both processors; on Windows it may be made for another than the computer's.
    machine = platform.machine().lower() if system == "macos" else built.rpartition("-")[2]
    return f"{system}-{MACHINES.get(machine, machine)}-{sys.version_info[0]}.{sys.version_info[1]}"


def lock(stick: str) -> str:
    """The file of the stick that lists the packages of this Python's set (it need not exist)."""
    return os.path.join(stick, "wheels", f"{name()}.txt")


if __name__ == "__main__":
    sys.exit(0 if os.path.isfile(lock(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))) else 3)
