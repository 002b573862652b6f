"""Models on a Ray cluster: two nodes on this machine, twenty people, and one node that is killed in the middle."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.browser.app_fixtures import free_port
from tests.unit.hub.rogues import finish, gap, piece
from workbench.errors import Cancelled
from workbench.hub.executor.cluster import Cluster, Place
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelScope, CancelToken, Partial, Progress, Result
from workbench.hub.registry import Registry

PEOPLE = 20
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Ray cluster of two nodes with one processor each; both know the slow model of the app's tests."""
    import ray
    from ray.cluster_utils import Cluster as RayCluster

    folder = tmp_path_factory.mktemp("ray")
    plugin = folder / "plugin"
    information = plugin / "slow_model-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: slow-model\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[workbench.models]\nslow = slow_model:SPEC\n")
    (plugin / "slow_model.py").write_text((ROOT / "tests/browser/slow_model.py").read_text())
    kept = dict(os.environ)
    os.environ.update(
        PYTHONPATH=os.pathsep.join([str(ROOT), str(plugin)]), SLOW_MODEL_STEPS=str(folder / "steps"),
        WORKBENCH_HOME=str(folder / "home"), RAY_USAGE_STATS_ENABLED="0", OMP_NUM_THREADS="1",
    )  # fmt: skip
    sys.path.insert(0, str(plugin))

    def options(cpus: int) -> dict[str, Any]:
        # With ports that are told, a node need not wait (at most 15 s) for what its agents have chosen.
        ports = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
        told = {name: free_port() for name in ports}
        return {"num_cpus": cpus, "object_store_memory": 80 * 2**20, "include_dashboard": False, **told}

    cluster = RayCluster(initialize_head=True, head_node_args=options(0))
    for _ in range(2):
        cluster.add_node(**options(1))
    yield cluster
    ray.shutdown()
    cluster.shutdown()
    sys.path.remove(str(plugin))
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture(scope="module")
def away(nodes: Any) -> Hub:
    cluster = Cluster(nodes.address, replicas=2)
    return Hub(Registry.load(), executor=cluster)


def busy(hub: Hub) -> list[Place]:
    assert isinstance(hub.runtime, Cluster)
    return [place for place in hub.runtime._places if place.busy]


def test_twenty_people_get_what_they_would_get_here(away: Hub) -> None:
    here = Hub(Registry.load())
    begun = threading.Barrier(PEOPLE)

    def person(number: int) -> Result:
        begun.wait(60)
        return finish(away.run("markov", gap(piece()), seed=number, cancel=CancelToken.never()))

    with ThreadPoolExecutor(PEOPLE) as people:
        results = list(people.map(person, range(PEOPLE)))
    for number in (0, PEOPLE - 1):
        alone = finish(here.run("markov", gap(piece()), seed=number, cancel=CancelToken.never()))
        assert results[number].alternatives[0].notes == alone.alternatives[0].notes
    assert all(result.alternatives[0].notes for result in results)
    assert busy(away) == []


def test_stop_ends_one_persons_job_and_no_other(away: Hub) -> None:
    first, scope = away.run("slow", gap(piece()), seed=1, cancel=CancelToken.never()), CancelScope()
    second = away.run("slow", gap(piece()), seed=2, cancel=scope.start())
    for running in (first, second):
        while not isinstance(next(running), Partial):
            pass
    assert len(busy(away)) == 2
    scope.cancel()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        for _ in second:
            pass
    assert time.monotonic() - begun < 2
    assert any(isinstance(next(first), Partial) for _ in range(20)), "the other one goes on"
    first.close()  # the page has gone
    assert busy(away) == []
    assert finish(away.run("markov", gap(piece()), seed=1, cancel=CancelToken.never())).alternatives


def test_a_node_killed_in_the_middle_costs_nobody_their_result(nodes: Any, away: Hub) -> None:
    """The slow job's node is killed: it begins again on the other one, and shows no note twice."""
    notes, texts = [], []
    running = away.run("slow", gap(piece()), seed=1, cancel=CancelToken.never())
    for item in running:
        if isinstance(item, Partial):
            notes += item.notes
            if len(notes) == 3:
                break
    import ray

    (place,) = busy(away)
    victim = psutil.Process(ray.get(place.actor.process.remote()))
    raylet = next(up for up in victim.parents() if "raylet" in up.name())
    os.kill(raylet.pid, signal.SIGKILL)
    os.kill(victim.pid, signal.SIGKILL)
    for item in running:
        if isinstance(item, Progress) and item.text:
            texts.append(item.text)
        if isinstance(item, Partial):
            notes += item.notes
            if len(notes) == 8:
                break
    assert any("beginning again on another" in text for text in texts)
    assert [note.pitch for note in notes] == list(range(60, 68)), "no note is missing, and none comes twice"
    running.close()
    with ThreadPoolExecutor(4) as people:
        jobs = [
            people.submit(lambda n=n: finish(away.run("markov", gap(piece()), seed=n, cancel=CancelToken.never())))
            for n in range(4)
        ]  # fmt: skip
        assert all(job.result(120).alternatives[0].notes for job in jobs), "the one that is left serves all"


def test_where_no_cluster_is_a_sentence_says_so() -> None:
    import subprocess

    code = (
        "from workbench.hub.executor.cluster import Cluster\n"
        "try:\n    Cluster('127.0.0.1:1')\nexcept Exception as error:\n    print(type(error).__name__, error)"
    )
    environment = {**os.environ, "RAY_gcs_rpc_server_reconnect_timeout_s": "1", "RAY_USAGE_STATS_ENABLED": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=environment)
    assert "Unavailable There is no Ray cluster at 127.0.0.1:1" in done.stdout, done.stderr[-500:]
