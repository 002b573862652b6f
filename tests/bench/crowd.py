"""Twenty people at once on a public server: how long an edit, a fill, a sheet and an MP3 take each of them.

    python tests/bench/crowd.py [--people 20] [--seconds 120] [--seed 1] [--server http://127.0.0.1:7860]

Starts ``workbench --public --log FOLDER`` on this machine (unless a server is named) and plays people against it over
HTTP on the loopback, each from an address of its own (127.0.0.2 and up). A person agrees to the log, edits, and now and
then asks for one bar of a fill, the sheet, the waveforms or an MP3, with pauses between; what they do is told to the
log every second. Prints p50 and p95 of each task in seconds, what was refused, how many heard that they have to wait,
how much of what was done stands in the log afterwards, and the server's memory (its whole family of processes) minute
by minute. At most ``--most`` requests are sent in all.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from workbench.score import edits  # noqa: E402
from workbench.score.document import Document  # noqa: E402
from workbench.study.log.read import load  # noqa: E402
from workbench.ui.tabs.home import shipped_piece  # noqa: E402

#: What a person does next, by weight, and how long they think before it (seconds, at most).
TASKS = {"edit": 60, "fill": 16, "sheet": 8, "waveforms": 6, "mp3": 10}
THINK_SECONDS = (0.5, 3.0)
PATIENCE_SECONDS = 180.0


class Person:
    """One visitor: a page of their own and what they noticed."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self.crowd, self.rng = crowd, random.Random(crowd.seed * 1_000 + number)
        self.token, self.session = secrets.token_hex(16), secrets.token_hex(6)
        transport = httpx.AsyncHTTPTransport(local_address=f"127.0.0.{number + 2}")
        self.http = httpx.AsyncClient(base_url=crowd.address, transport=transport, timeout=PATIENCE_SECONDS)
        self.document = Document(shipped_piece("opening"))
        self.jobs = 0
        self.writer: dict[str, Any] = {}  # the log's session and its key
        self.told, self.gone = 0, 0.0
        self.held: list[dict[str, Any]] = []

    async def call(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """One call, as the page makes it."""
        self.crowd.count()
        text = json.dumps({"type": kind, "session": self.token, "app": "workbench", **fields})
        data = {"data": text, "component_id": self.crowd.view, "fn_name": "message", "session_hash": self.session}
        answer = await self.http.post("/gradio_api/component_server", json=data)
        reply: dict[str, Any] = json.loads(answer.json())
        return reply

    async def job(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """One job to its end; the last message."""
        self.crowd.count()
        self.jobs += 1
        message = json.dumps({"type": kind, "session": self.token, "id": f"{kind}-{self.jobs}", **fields})
        data = {
            "data": [None], "event_data": {"message": message}, "fn_index": self.crowd.listener,
            "trigger_id": self.crowd.view, "session_hash": self.session,
        }  # fmt: skip
        answer = await self.http.post("/gradio_api/queue/join", json=data)
        if answer.status_code != 200:
            return {"type": "error", "text": f"HTTP {answer.status_code}"}
        last: dict[str, Any] = {}
        async with self.http.stream("GET", f"/gradio_api/queue/data?session_hash={self.session}") as stream:
            async for line in stream.aiter_lines():
                event = json.loads(line[6:]) if line.startswith("data: ") else {}
                for patch in patches(event.get("output")):
                    last = patch
                    self.crowd.waited += bool(patch.get("waiting"))
                if event.get("msg") in ("process_completed", "close_stream"):
                    break
        return last

    async def live(self, end: float) -> None:
        """Work until ``end``."""
        await asyncio.sleep(self.rng.uniform(0, 3))
        score = self.document.score
        await self.call("open", score=score.to_dict(), revision=0, reason="start", hash=self.document.hash)
        agreed = await self.call("log_consent", agreed=True, who=secrets.token_hex(16), language="en")
        if told := agreed.get("log"):
            self.writer = {"log_session": told["session"], "log_key": told["key"]}
            self.told = told["taken"]
            self.tell("open", {"reason": "consent", "score": score.to_dict(), "revision": 0})
        teller = asyncio.create_task(self.telling())
        while time.monotonic() < end:
            await asyncio.sleep(self.rng.uniform(*THINK_SECONDS))
            task = self.rng.choices(list(TASKS), list(TASKS.values()))[0]
            begun = time.monotonic()
            try:
                reply = await getattr(self, task)()
            except (httpx.HTTPError, ValueError) as problem:
                reply = {"type": "error", "text": type(problem).__name__}
            self.crowd.noticed(task, time.monotonic() - begun, reply)
        self.gone = time.monotonic()
        await teller
        self.crowd.unkept += len(self.held)
        await self.http.aclose()

    def tell(self, kind: str, payload: dict[str, Any]) -> None:
        """Something was done; it waits for the next second."""
        if self.writer:
            now = int(time.time() * 1000)
            self.held.append({"c": self.told, "time": now, "kind": kind, "source": "user", "payload": payload})
            self.told += 1

    async def telling(self) -> None:
        """Hand over every second what the log has not taken yet, and at the end until all is kept."""
        while self.held or not self.gone:
            await asyncio.sleep(1.0)
            if not self.held:
                continue
            begun = time.monotonic()
            try:
                reply = await self.call("log_take", entries=self.held, **self.writer)
            except (httpx.HTTPError, ValueError) as problem:
                reply = {"type": "error", "text": type(problem).__name__}
            self.crowd.noticed("log", time.monotonic() - begun, reply)
            if reply.get("type") == "log_kept":
                self.held = [entry for entry in self.held if entry["c"] >= reply["next"]]
            elif self.gone and time.monotonic() > self.gone + PATIENCE_SECONDS:
                return

    async def edit(self) -> dict[str, Any]:
        """Another title: the least that an edit can be."""
        base, document = self.document.revision, self.document
        operation = edits.set_score(document.score, title=f"Take {base}")
        document.apply(operation)
        change = {"kind": "edit", "operation": operation, "revision": base + 1, "source": "user", "n": base + 1}
        self.tell("edit", {"operation": operation, "revision": base + 1})
        return await self.call("ops", base=base, changes=[change])

    async def fill(self) -> dict[str, Any]:
        """One bar of one track, one idea."""
        gap = {"start": 3840, "end": 7680, "tracks": ["t1"]}
        request = {"regions": [gap], "count": 1}
        seed = self.rng.randrange(1_000_000)
        return await self.job("fill", revision=self.document.revision, seed=seed, model=None, request=request)

    async def sheet(self) -> dict[str, Any]:
        """The piece engraved."""
        return await self.call("sheet", width=1_000)

    async def waveforms(self) -> dict[str, Any]:
        """The waveforms of the Stems tab."""
        return await self.job("waveforms")

    async def mp3(self) -> dict[str, Any]:
        """An MP3 to keep."""
        return await self.job("export", kind="mp3", options={})


def patches(output: Any) -> list[dict[str, Any]]:
    """The workbench's messages within an event of Gradio, which sends what changed of a value."""
    text = json.dumps(output)
    found = []
    for part in text.split('\\"type\\":\\"')[1:]:
        kind = part.split('\\"', 1)[0]
        if "." in kind:
            found.append({"type": kind, "waiting": '\\"waiting\\":' in part, "text": part[:200]})
    return found


class Crowd:
    """All of them, and what they noticed."""

    def __init__(self, address: str, seed: int, most: int) -> None:
        self.address, self.seed, self.most = address, seed, most
        self.requests = self.waited = 0
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.refused: Counter[str] = Counter()
        self.unkept = 0  # told, and not kept when everybody had gone
        config = httpx.get(f"{address}/config", timeout=60).json()
        self.view = next(
            part["id"] for part in config["components"] if "wb-roll" in part["props"].get("elem_classes", [])
        )
        self.listener = next(
            dependency["id"] for dependency in config["dependencies"] if [self.view, "message"] in dependency["targets"]
        )

    def count(self) -> None:
        """One more request; too many end the run."""
        self.requests += 1
        if self.requests > self.most:
            raise ValueError("enough")

    def noticed(self, task: str, seconds: float, reply: dict[str, Any]) -> None:
        """Somebody's task is over."""
        kind = str(reply.get("type"))
        if kind.endswith("error") or kind in ("None", "need"):
            self.refused[f"{task}: {str(reply.get('text'))[:90]}"] += 1
        else:
            self.seconds[task].append(seconds)

    async def run(self, people: int, seconds: float) -> None:
        """Let them all live."""
        end = time.monotonic() + seconds
        await asyncio.gather(*(Person(self, number).live(end) for number in range(people)))

    def report(self) -> str:
        """The table."""
        lines = [f"{'task':10} {'done':>5} {'p50 s':>7} {'p95 s':>7} {'most s':>7}"]
        for task in (*TASKS, "log"):
            found = sorted(self.seconds[task])
            if found:
                p50, p95 = (quantiles(found, n=100)[at] for at in (49, 94)) if len(found) > 1 else (found[0],) * 2
                lines.append(f"{task:10} {len(found):5} {p50:7.2f} {p95:7.2f} {found[-1]:7.2f}")
        lines += [f"refused {count}: {what}" for what, count in self.refused.most_common(8)]
        return "\n".join([*lines, f"{self.requests} requests; {self.waited} messages said that one has to wait"])


def check_log(where: Path, crowd: Crowd) -> str:
    """What stands in the log against what was done."""
    sessions = load(where)
    edits_done = len(crowd.seconds["edit"]) + sum(n for what, n in crowd.refused.items() if what.startswith("edit"))
    kept = Counter(event["kind"] for session in sessions for event in session.events)
    gaps = sum(len(session.gaps) for session in sessions)
    trouble = sum(len(session.problems) for session in sessions)
    return (
        f"log: {len(sessions)} sessions, {sum(kept.values())} events; {kept['edit']} edits of {edits_done} done, "
        f"{kept['error']} errors, {gaps} gaps, {trouble} problems, {crowd.unkept} told and not kept"
    )


def memory(process: int) -> int:
    """Megabytes that a process and all its children hold for themselves (proportional set size)."""
    family, total = [process], 0
    while family:
        one = family.pop()
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
            for task in Path(f"/proc/{one}/task").iterdir():
                family += [int(child) for child in (task / "children").read_text().split()]
    return total // 1024


async def watched(work: Any, process: int | None, every: float = 30.0) -> list[int]:
    """Do it, and look at the server's memory meanwhile (Linux alone; elsewhere nothing is seen)."""
    seen: list[int] = []
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait([task], timeout=every)
        if process is not None and Path("/proc/self/smaps_rollup").exists():
            seen.append(await asyncio.to_thread(memory, process))
    await task
    return seen


@contextlib.contextmanager
def server(folder: Path) -> Any:
    """The app for strangers, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "WORKBENCH_HOME": str(folder), "HF_HUB_OFFLINE": "1"}
    command = [
        sys.executable, "-m", "workbench", "--public", "--port", str(port), "--log", str(folder / "log"),
    ]  # fmt: skip
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{port}/config", timeout=5).status_code == 200:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=6_000)
    parser.add_argument("--server")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = contextlib.nullcontext((given.server, None)) if given.server else server(Path(folder))
        with place as (address, process):
            crowd = Crowd(address, given.seed, given.most)
            seen = asyncio.run(watched(crowd.run(min(given.people, 200), min(given.seconds, 600.0)), process))
            print(crowd.report())
            print(f"memory of the server, MB, every half minute: {' '.join(map(str, seen))}")
        if not given.server:
            print(check_log(Path(folder) / "log", crowd))


if __name__ == "__main__":
    main()
