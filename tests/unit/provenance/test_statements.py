"""Every kind of file says who made it, and one changed byte is found; strangers' files cost one sentence."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.provenance.files import SCORES, SOUNDS, filled, person_s, write
from workbench.cli import main
from workbench.deliver.stems import export_stems, export_zip
from workbench.errors import BadFile
from workbench.provenance import carriers, credentials, identity, seal
from workbench.provenance.handover import hand_over
from workbench.provenance.manifest import manifest_of, unpacked, written_by
from workbench.provenance.verify import verify
from workbench.score.files import load
from workbench.score.replay import leads_to
from workbench.sound.files import read_audio, read_note

MEDIA = (*SOUNDS, "mp4")


def said(folder: Path, kind: str, **options: Any) -> Path:
    document = filled()
    path = write(folder, kind, document.score)
    hand_over(path, document.score, written_by(document.score, document.log.events), **options)
    return path


@pytest.mark.parametrize("kind", [*MEDIA, *SCORES])
def test_a_file_tells_who_made_it_and_that_it_is_unchanged(tmp_path: Path, kind: str) -> None:
    finding = verify(said(tmp_path, kind))
    assert (finding.state, finding.own, finding.credentials) == ("whole", True, kind in MEDIA)
    told = finding.manifest
    assert told["authors"]["model:rogue"]["notes"] == pytest.approx(8 / 24, abs=1e-3)
    assert told["authors"]["model:rogue"]["time"] == pytest.approx(4 / 20, abs=1e-3)
    (run,) = told["runs"]
    assert (run["model"], run["seed"], run["weights"], run["notes"]) == ("rogue", 3, {"w": "a" * 64}, {"t1": 8})
    assert told["licences"]["rogue"]["training_data"] == "songs (CC0)"
    assert told["source_type"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert told["score_sha256"]
    assert told["payload_sha256" if kind != "wbz" else "time"]
    text = finding.text()
    assert "unchanged since it was saved" in text
    assert "signed by this installation" in text
    assert "33 % by the model rogue" in text
    assert "replace Piano (bars 5 to 6, 8 notes)" in text


@pytest.mark.parametrize("signed", [True, False], ids=["credentials", "seal"])
@pytest.mark.parametrize("kind", [*MEDIA, *SCORES])
def test_one_changed_byte_anywhere_is_reported(tmp_path: Path, kind: str, signed: bool) -> None:
    path = said(tmp_path, kind, sign=signed)
    data = path.read_bytes()
    store = data.find(b"jumdc2pa")
    places = np.random.default_rng(7).integers(0, len(data), 60)
    if store > 0:  # the store of credentials, some bytes of which no hash of C2PA covers
        places = np.concatenate([places, store + np.random.default_rng(8).integers(-30, 1500, 60)])
    for number, place in enumerate(places):
        changed = bytearray(data)
        changed[place] ^= 1 << number % 8
        path.write_bytes(changed)
        assert verify(path).state == "changed", f"byte {place}, bit {number % 8}"


@pytest.mark.parametrize("kind", SOUNDS)
def test_a_statement_leaves_the_sound_and_the_note_as_they_were(tmp_path: Path, kind: str) -> None:
    before = read_audio(write(tmp_path, kind, person_s())).samples
    path = said(tmp_path, kind)
    assert np.array_equal(read_audio(path).samples, before)
    assert read_note(path) == "a note"


@pytest.mark.parametrize("kind", SCORES)
def test_a_statement_is_no_part_of_the_piece(tmp_path: Path, kind: str) -> None:
    score = filled().score
    plain = load(write(tmp_path, kind, score))
    loaded = load(said(tmp_path, kind))
    assert loaded.score.to_dict() == plain.score.to_dict()
    assert [remark.text for remark in loaded.report.remarks] == [remark.text for remark in plain.report.remarks]


def test_a_project_still_goes_on_with_its_own_log(tmp_path: Path) -> None:
    from workbench.score.project import Project

    document = filled()
    path = tmp_path / "piece.wbz"
    Project.of(document).save(path)
    hand_over(path, document.score, written_by(document.score, document.log.events))
    loaded = load(path)
    assert leads_to(loaded.events, loaded.score)
    assert verify(path).state == "whole"


@pytest.mark.parametrize("kind", [*MEDIA, *SCORES])
def test_a_file_from_elsewhere_is_no_worse_for_carrying_no_statement(tmp_path: Path, kind: str) -> None:
    finding = verify(write(tmp_path, kind, person_s()))
    assert finding.state == "none"
    assert "most files do not" in finding.text()


def test_credentials_taken_out_are_missed(tmp_path: Path) -> None:
    path = said(tmp_path, "wav")
    with path.open("rb") as file:
        chunk = next(piece for name, piece in carriers.chunks(file) if name == b"C2PA")
    data = bytearray(path.read_bytes())
    del data[chunk.start - 8 : chunk.start + chunk.length + chunk.length % 2]
    data[4:8] = (len(data) - 8).to_bytes(4, "little")
    path.write_bytes(data)
    assert verify(path).state == "changed"


def test_another_installation_is_named_as_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, score = said(tmp_path, "flac"), said(tmp_path, "mid")
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "another"))
    for finding in (verify(path), verify(score)):
        assert (finding.state, finding.own, finding.known) == ("whole", False, False)
        assert "not known here" in finding.text()
        assert finding.signer.startswith("Music Workbench installation")


def test_without_the_extra_files_carry_their_statement_and_an_unsigned_seal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = said(tmp_path, "wav").rename(tmp_path / "signed.wav")
    monkeypatch.setattr(identity, "available", lambda: False)
    path = said(tmp_path, "wav")
    finding = verify(path)
    assert (finding.state, finding.signer, finding.credentials) == ("whole", "", False)
    assert "It is not signed" in finding.text()
    unsure = verify(signed)
    assert unsure.state == "unchecked"
    assert "music-workbench[credentials]" in unsure.text()


def test_the_key_is_for_its_owner_s_eyes_and_an_owner_may_bring_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.hub.places import home

    mine = identity.own()
    key = home() / "signing" / "key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    assert identity.own() == mine
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "space"))
    monkeypatch.setenv(identity.KEY, mine.key.decode())
    monkeypatch.setenv(identity.CERTIFICATE, mine.chain.decode())
    assert identity.own().name == mine.name
    assert verify(said(tmp_path, "mp3")).own
    assert not (tmp_path / "space").exists()
    monkeypatch.setenv(identity.KEY, "-----BEGIN NOTHING-----")
    with pytest.raises(BadFile, match="PEM"):
        identity.own()


def test_an_export_of_many_files_is_whole_as_a_zip_and_as_a_folder(tmp_path: Path) -> None:
    document = filled()
    facts = written_by(document.score, document.log.events)
    manifest = export_zip(document.score, tmp_path / "piece.zip", facts=facts)
    assert verify(tmp_path / "piece.zip").state == "whole"
    with zipfile.ZipFile(tmp_path / "piece.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "piece"
    assert verify(folder).state == "whole"
    assert manifest["selling"]["answer"] == "no"
    for name in ("mix.wav", "stems/01-piano.wav", "midi/01-piano.mid", "score.musicxml"):
        assert verify(folder / name).manifest["runs"][0]["model"] == "rogue"
    data = (tmp_path / "piece.zip").read_bytes()
    for number, place in enumerate(np.random.default_rng(3).integers(0, len(data), 25)):
        changed = bytearray(data)
        changed[place] ^= 1 << number % 8
        (tmp_path / "other.zip").write_bytes(changed)
        assert verify(tmp_path / "other.zip").state == "changed", f"byte {place}"
    told = json.loads((folder / "manifest.json").read_text())
    told["sentence"] = "All by me."
    (folder / "manifest.json").write_text(json.dumps(told))
    assert verify(folder).state == "changed"


def test_stems_still_sum_to_the_mix(tmp_path: Path) -> None:
    export_stems(filled().score, tmp_path / "piece")
    mix = read_audio(tmp_path / "piece" / "mix.wav").samples
    stems = [read_audio(path).samples for path in sorted((tmp_path / "piece" / "stems").iterdir())]
    assert len(stems) == 2, "the piano, and the mark of the model that wrote some of it"
    assert np.abs(sum(stems) - mix).max() < 1e-6


@pytest.mark.parametrize(
    "value",
    [
        b"[" * 5_000, b'{"manifest":"music-workbench","version":2,"a":' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"manifest":"music-workbench","version":"2"}', b'{"manifest":"other","version":2}', b"\xff\xfe", b"3",
        b'{"manifest":"music-workbench","version":99}', b'{"version":NaN}', b"{" + b" " * 3_000_000 + b"}",
    ],
    ids=["deep", "deeper", "types", "other", "bytes", "number", "newer", "nan", "huge"],
)  # fmt: skip
def test_a_hostile_statement_costs_one_sentence(tmp_path: Path, value: bytes) -> None:
    with pytest.raises(BadFile) as caught:
        unpacked(value)
    assert str(caught.value).count(".") == 1
    path = write(tmp_path, "mid", person_s())
    carriers.put(path, "midi", value, {})
    finding = verify(path)
    assert finding.state == "changed"
    assert len(finding.reasons) == 1


def test_a_statement_of_wrong_types_is_told_as_far_as_it_makes_sense(tmp_path: Path) -> None:
    path = write(tmp_path, "mid", person_s())
    wrong = {"authors": [1], "selling": "no", "inputs": [3, {"name": 5}], "source_type": {}, "sentence": 4, "facts": []}
    seal.enclose(path, {**manifest_of(person_s(), kind="mid"), **wrong})
    assert verify(path).state == "whole"
    assert len(verify(path).sentences()) == 3


def test_the_command_says_it_in_words_and_refuses_what_was_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = said(tmp_path, "mp3")
    assert main(["verify", str(path)]) == 0
    assert "unchanged since it was saved" in capsys.readouterr().out
    assert main(["verify", "--commercial", str(path)]) == 1
    assert "replace Piano (bars 5 to 6" in capsys.readouterr().err
    data = bytearray(path.read_bytes())
    data[-50] ^= 4
    path.write_bytes(data)
    assert main(["verify", str(path)]) == 1
    assert "was changed after it was saved" in capsys.readouterr().err


def test_the_official_word_is_in_the_credentials_themselves(tmp_path: Path) -> None:
    found = credentials.read(said(tmp_path, "wav"), "wav")
    assert found is not None
    assert found.known
    assert found.source_type == "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
