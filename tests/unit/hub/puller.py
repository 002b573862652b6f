"""Run in a process of its own by the download tests: the client reads HF_ENDPOINT when it is imported.

``python puller.py PLAN`` with a JSON plan; prints one JSON line with the outcome.
"""

from __future__ import annotations

import errno
import json
import shutil
import sys
import time
from collections import namedtuple
from typing import Any

from workbench.errors import WorkbenchError
from workbench.hub.card import Card
from workbench.hub.protocol import CancelScope
from workbench.hub.spec import HubRepo, ModelSpec, Wheel
from workbench.hub.weights import download
from workbench.hub.weights import resolve as weights

Usage = namedtuple("Usage", "total used free")


def spec(plan: dict[str, Any]) -> ModelSpec:
    card = Card("For a test.", "Apache-2.0", "CC0-1.0", "none", "Yes.", ())
    source = Wheel(**plan["wheel"]) if "wheel" in plan else HubRepo(plan["repo"], plan["revision"])
    return ModelSpec("far", "infill", "some.module:Far", card, source=source, files=plan["files"])


def pull(plan: dict[str, Any]) -> dict[str, Any]:
    if plan.get("disk") == "small":
        shutil.disk_usage = lambda path: Usage(10**9, 10**9 - 1000, 1000)
    if plan.get("disk") == "full":

        def full(file: Any, block: bytes) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        download.append = full
    scope = CancelScope()
    work = weights.resolve(spec(plan), scope.start(), download=plan.get("download", True))
    started, told = 0.0, []
    try:
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                return {
                    "files": {n: str(p) for n, p in end.value.files.items()},
                    "origin": end.value.origin,
                    "revision": end.value.revision,
                    "told": told,
                }
            told.append(step.text)
            if plan.get("stop_at") is not None and step.done is not None and step.done >= plan["stop_at"]:
                started = time.monotonic()
                scope.cancel()
    except WorkbenchError as error:
        waited = time.monotonic() - started if started else None
        return {"error": type(error).__name__, "text": str(error), "waited": waited}


def main() -> None:
    plan = json.loads(sys.argv[1])
    outcome = pull(plan)
    from huggingface_hub import try_to_load_from_cache

    plan = {"repo": "owner/none", "revision": "0" * 40, **plan}
    outcome["in_cache"] = {
        name: isinstance(try_to_load_from_cache(plan["repo"], name, revision=plan["revision"] or "main"), str)
        for name in plan["files"]
    }
    if plan.get("client_too"):
        from huggingface_hub import hf_hub_download

        outcome["client"] = hf_hub_download(plan["repo"], next(iter(plan["files"])), revision=plan["revision"])
    outcome["torch"] = "torch" in sys.modules
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
