"""The computers that a stick can be made for: a system with its processor, and a version of Python.

pip knows a computer by the tags of its wheels (PEP 425, PEP 600), a requirement by the markers of PEP 508; both are
written down here for each system, since pip takes the markers from the computer that it runs on.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.errors import BadRequest
from workbench.ship.onstick import target as onstick

#: Versions of Python that the workbench runs on.
PYTHONS = ("3.11", "3.12", "3.13")
#: What a person may write for a system.
SHORT = {"windows": "windows-x86_64", "macos": "macos-arm64", "macos-intel": "macos-x86_64", "linux": "linux-x86_64"}
#: The word for this computer.
HERE = "here"
#: Wheels for Linux up to this release of the C library are taken: systems from 2019 on have it.
_GLIBC = 28
#: Wheels for macOS up to this release are taken.
_MACOS = 13


def _linux(machine: str) -> tuple[str, ...]:
    newest_first = [f"manylinux_2_{minor}_{machine}" for minor in range(_GLIBC, 4, -1)]
    return (*newest_first, f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}",
            f"linux_{machine}")  # fmt: skip


#: System -> tags of its wheels, as ``pip download --platform`` takes them. pip adds older releases of macOS itself.
TAGS: Mapping[str, tuple[str, ...]] = {
    "windows-x86_64": ("win_amd64",),
    "windows-arm64": ("win_arm64",),
    "macos-arm64": (f"macosx_{_MACOS}_0_arm64",),
    "macos-x86_64": (f"macosx_{_MACOS}_0_x86_64",),
    "linux-x86_64": _linux("x86_64"),
    "linux-arm64": _linux("aarch64"),
}
#: System family -> values of ``os_name``, ``sys_platform``, ``platform_system``.
_FAMILIES = {
    "windows": ("nt", "win32", "Windows"),
    "macos": ("posix", "darwin", "Darwin"),
    "linux": ("posix", "linux", "Linux"),
}
#: What ``platform_machine`` says, where that is not our own name for it.
_MACHINES = {"windows-x86_64": "AMD64", "windows-arm64": "ARM64", "linux-arm64": "aarch64"}


@dataclass(frozen=True, slots=True)
class Target:
    """One computer: ``system`` (of :data:`TAGS`, or another that this computer is), ``python`` ("3.12").

    ``here``: it is this computer with the Python that runs this, whose own pip chooses what fits.
    """

    system: str
    python: str
    here: bool = False

    @property
    def name(self) -> str:
        """As the stick names it: ``linux-x86_64-3.12``."""
        return f"{self.system}-{self.python}"

    @property
    def family(self) -> str:
        """``windows``, ``macos`` or ``linux``."""
        return self.system.partition("-")[0]

    def pip_options(self) -> list[str]:
        """What tells pip to choose wheels for it."""
        tags = [option for tag in TAGS[self.system] for option in ("--platform", tag)]
        return [*tags, "--python-version", self.python, "--implementation", "cp"]

    def markers(self, patch: int = 0) -> dict[str, str]:
        """The environment that markers of requirements are held against, at ``python.patch``."""
        os_name, sys_platform, platform_system = _FAMILIES[self.family]
        machine = _MACHINES.get(self.system, self.system.partition("-")[2])
        full = f"{self.python}.{patch}"
        return {
            "implementation_name": "cpython", "implementation_version": full, "os_name": os_name,
            "platform_machine": machine, "platform_release": "", "platform_system": platform_system,
            "platform_version": "", "python_full_version": full, "platform_python_implementation": "CPython",
            "python_version": self.python, "sys_platform": sys_platform,
        }  # fmt: skip


def this() -> Target:
    """This computer with the Python that runs this; raises :class:`BadRequest` where no stick can be made for it."""
    system, _, python = onstick.name().rpartition("-")
    if system.partition("-")[0] not in _FAMILIES or python not in PYTHONS:
        raise BadRequest(
            f"No stick can be made for this kind of computer ({onstick.name()}); name one with --platform."
        )
    return Target(system, python, here=True)


def targets(systems: list[str], pythons: list[str]) -> list[Target]:
    """Every system with every version of Python.

    Args:
        systems: of :data:`TAGS`, :data:`SHORT` or :data:`HERE`; none: this computer.
        pythons: of :data:`PYTHONS`; none: the version that runs this.

    Raises:
        BadRequest: a name that is none of these.
    """
    out: list[Target] = []
    for python in pythons or ["{}.{}".format(*sys.version_info)]:
        if not re.fullmatch(r"3\.\d+", python) or python not in PYTHONS:
            raise BadRequest(
                f"The workbench runs on Python {listed(PYTHONS)}, not on {python[:20]!r}; choose one of these."
            )
        for asked in systems or [HERE]:
            system = this().system if asked == HERE else SHORT.get(asked, asked)
            if asked == HERE and python == this().python:
                made = this()
            elif system in TAGS:
                made = Target(system, python)
            else:
                raise BadRequest(
                    f"There is no platform {asked[:40]!r}; choose among {', '.join((HERE, *SHORT, *TAGS))}."
                )
            if made.name not in [one.name for one in out]:
                out.append(made)
    return out


def listed(names: tuple[str, ...] | list[str], word: str = "or") -> str:
    """Names in a sentence: ``3.11, 3.12 or 3.13``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
