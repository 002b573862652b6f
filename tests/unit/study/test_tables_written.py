"""The files that a researcher gets: tables that agree, scripts that run, archives that can be checked."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas
import pytest

from workbench.errors import WorkbenchError
from workbench.score.canonical import project_hash
from workbench.score.operations import apply
from workbench.score.score import Score
from workbench.study.log.read import load, session_log
from workbench.study.log.schema import from_line
from workbench.study.log.sinks import open_sink
from workbench.study.simulate import Arm, Planted, Truth, simulate
from workbench.study.tables import summarize
from workbench.study.tables.dictionary import EVENT, PAYLOADS
from workbench.study.tables.exporting import export
from workbench.study.tables.figures import figures
from workbench.study.tables.writing import write_summary

ARMS = (Arm("plain", accept=0.2, rating=0.4), Arm("<careful>", accept=0.5, rating=0.8))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, str, Path]:
    folder = tmp_path_factory.mktemp("study")
    where = str(folder / "log")
    sink = open_sink(where)
    planted = Planted(
        people=8, arms=ARMS, trials=2, strengths={"x": 0.0, "y": 0.8}, seed=4, questionnaires={"own": (("fun",), 7)}
    )
    truth = simulate(planted, sink)
    sink.close()
    assert write_summary(where, folder / "out").startswith(f"{folder / 'out'}: 8 people, 8 finished, 32 trials")
    return truth, where, folder / "out"


def test_csv_and_parquet_say_the_same(study: tuple[Truth, str, Path]) -> None:
    import fastparquet

    _, _, out = study
    for name in ("trials", "people", "votes", "answers", "scores", "authorship"):
        table = pandas.read_csv(out / f"{name}.csv", keep_default_na=False, na_values=[""])
        other = fastparquet.ParquetFile(str(out / f"{name}.parquet")).to_pandas()
        assert list(table.columns) == list(other.columns)
        assert len(table) == len(other) > 0, name
        for column in table.columns:
            if other[column].dtype == object:
                assert list(table[column].astype(object).fillna("").astype(str)) == list(
                    other[column].fillna("").astype(str)
                ), column
            else:
                mine, theirs = table[column].astype(float), other[column].astype("float64")
                assert mine.fillna(-1).tolist() == pytest.approx(theirs.fillna(-1).tolist(), rel=1e-9), column


def test_every_column_and_every_payload_field_is_in_the_dictionary(study: tuple[Truth, str, Path]) -> None:
    _, where, out = study
    with (out / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        known = {(line["file"], line["name"]): line["meaning"] for line in csv.DictReader(file)}
    assert all(known.values())
    for name in ("trials", "people", "votes", "answers", "scores", "authorship"):
        for column in (out / f"{name}.csv").read_text(encoding="utf-8").split("\n")[0].split(","):
            assert (f"tables/{name}", column) in known
    for log in load(where):
        for event in log.events:
            assert event.keys() == EVENT.keys()
            assert event["payload"].keys() <= PAYLOADS[event["kind"]][1].keys(), event["kind"]


def test_what_a_page_tells_beside_it_is_in_the_dictionary_of_an_export(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "log")
    sink.append("s1", [_event("transport", {"action": "play", "speed": 2}), _event("genie", {}, seq=1)])
    sink.close()
    export(str(tmp_path / "log"), tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        names = {line["name"] for line in csv.DictReader(io.StringIO(archive.read("dictionary.csv").decode()))}
    assert {"transport.payload.action", "transport.payload.speed", "kind=genie", "client_time"} <= names


def test_the_python_script_runs_and_finds_the_difference(study: tuple[Truth, str, Path]) -> None:
    _, _, out = study
    done = subprocess.run(
        [sys.executable, "mixed_models.py"], cwd=out, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.split("== acceptance (log odds) ==")[1].split("==")[0]
    (row,) = (line.split() for line in said.splitlines() if line.startswith("condition"))
    estimate, p = float(row[1]), float(row[-1])
    assert estimate == pytest.approx(-1.386, abs=0.5)  # from 1 : 1 to 1 : 4; the first name is the baseline
    assert p < 0.01
    assert "time to the first keep" in done.stdout
    assert "own_fun" in done.stdout


def test_the_r_script_names_the_same_table_and_outcomes(study: tuple[Truth, str, Path]) -> None:
    _, _, out = study
    text = (out / "mixed_models.R").read_text()
    assert 'baseline <- "<careful>"' in text
    assert "glmer(cbind(accepted, suggestions - accepted) ~ condition + position + (1 | person)" in text
    assert '"own_fun"' in text
    assert text.count("(") == text.count(")")
    assert text.count("{") == text.count("}")


def test_figures_show_the_figures(study: tuple[Truth, str, Path]) -> None:
    _, where, out = study
    summary = summarize(where)
    made = figures(summary)
    assert {"acceptance", "first_keep", "authorship", "preferences", "score_own_fun", "progress"} <= made.keys()
    named = {trace["name"]: trace["y"][0] for trace in made["acceptance"]["data"] if trace.get("name")}
    assert named == {"<careful>": 50.0, "plain": pytest.approx(20.3, abs=0.1)}
    points = [trace for trace in made["acceptance"]["data"] if "name" not in trace]
    assert [len(trace["y"]) for trace in points] == [8, 8]
    stacked = [trace["y"] for trace in made["authorship"]["data"]]
    assert all(sum(column) == pytest.approx(100) for column in zip(*stacked, strict=True))
    page = (out / "figures.html").read_text(encoding="utf-8")
    assert "<careful>" not in page  # a name from a study file is text, never markup
    assert (out / "plotly.min.js").stat().st_size > 1_000_000


def test_a_folder_of_other_files_is_left_alone(study: tuple[Truth, str, Path], tmp_path: Path) -> None:
    _, where, _ = study
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(WorkbenchError, match="already holds other files"):
        write_summary(where, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_an_export_names_nobody_and_can_be_checked(study: tuple[Truth, str, Path], tmp_path: Path) -> None:
    truth, where, _ = study
    (tmp_path / "s.yaml").write_text("title: T\n")
    (tmp_path / "f.json").write_text("{}")
    export(where, tmp_path / "out.zip", study=tmp_path / "s.yaml", freeze=tmp_path / "f.json")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    ids = [log.session for log in load(where)] + truth.people
    assert not [name for name, data in files.items() for one in ids if one.encode() in data]
    sums = dict(reversed(line.split("  ")) for line in files["checksums.sha256"].decode().splitlines())
    assert sums == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "checksums.sha256"
    }
    assert {"study.yaml", "freeze.json", "dictionary.csv", "README.md", "tables/trials.parquet"} <= files.keys()
    assert json.loads(files["version.json"])["study_versions"] == ["simulated"]
    assert "The freeze file is not the one that the log names." in files["README.md"].decode()
    events = [json.loads(line) for line in files["events.jsonl"].decode().splitlines()]
    assert {event["person"] for event in events} == {f"P{number:02d}" for number in range(1, 9)}
    assert min(event["server_time"] for event in events) == 0
    assert max(event["server_time"] for event in events) < 3_600_000  # an hour at most: nobody's day is told


def test_exported_events_replay_to_the_pieces_of_the_table(study: tuple[Truth, str, Path], tmp_path: Path) -> None:
    _, where, _ = study
    export(where, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        events = [json.loads(line) for line in archive.read("events.jsonl").decode().splitlines()]
        trials = list(csv.DictReader(io.StringIO(archive.read("tables/trials.csv").decode())))
    score, ends = Score(), []
    for event in events:
        if event["kind"] == "open":
            score = Score.from_dict(event["payload"]["score"])
        elif "operation" in event["payload"]:
            apply(score, event["payload"]["operation"])
        elif event["kind"] == "task" and event["payload"]["action"] == "end":
            ends.append((event["person"], project_hash(score)))
    assert ends == [(row["person"], row["piece"]) for row in trials]


def test_exported_events_are_a_log_again_and_give_the_same_table(
    study: tuple[Truth, str, Path], tmp_path: Path
) -> None:  # fmt: skip
    _, where, _ = study
    export(where, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        events = [from_line(line) for line in archive.read("events.jsonl").splitlines()]
    sittings: dict[str, list[dict[str, object]]] = {}
    for event in events:
        sittings.setdefault(event["session"], []).append(event)
    again = summarize([session_log(name, own) for name, own in sittings.items()])
    before = summarize(where)
    facts = [
        sorted((t.piece, t.accepted, t.suggestions, t.first_keep, t.seconds, t.heard) for t in found.trials)
        for found in (again, before)
    ]
    assert facts[0] == facts[1]
    assert again.remarks == before.remarks


def test_two_exports_give_people_other_codes(study: tuple[Truth, str, Path], tmp_path: Path) -> None:
    _, where, _ = study
    orders = []
    for number in range(2):
        export(where, tmp_path / f"{number}.zip")
        with zipfile.ZipFile(tmp_path / f"{number}.zip") as archive:
            rows = csv.DictReader(io.StringIO(archive.read("tables/trials.csv").decode()))
            orders.append(tuple(row["piece"] for row in rows if row["position"] == "1"))
    assert len(set(orders)) > 1
    assert len({tuple(sorted(order)) for order in orders}) == 1


def test_typed_answers_run_nothing_in_a_spreadsheet(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "log")
    sink.append("s1", [_event("survey", {"step": "q", "instrument": "own", "answers": {"why": "=1+1"}})])
    sink.close()
    write_summary(str(tmp_path / "log"), tmp_path / "out")
    (row,) = csv.DictReader((tmp_path / "out" / "answers.csv").open(encoding="utf-8"))
    assert row["text"] == "'=1+1"


def _event(kind: str, payload: dict[str, object], seq: int = 0) -> dict[str, object]:
    return {
        "v": 1, "study": "s", "session": "s1", "person": "p1", "seq": seq, "client_seq": None, "client_time": None,
        "server_time": 1, "kind": kind, "source": "person", "cause": None, "before": None, "after": None,
        "run": None, "latency": None, "payload": payload,
    }  # fmt: skip
