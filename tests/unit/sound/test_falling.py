"""Videos of falling notes, decoded again: length, what lights up when, sound in step, Stop, small memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.cli import main
from workbench.deliver.video import brush, roll
from workbench.deliver.video.falling import falling_notes
from workbench.deliver.video.planes import Planes, colour_of, planes
from workbench.deliver.video.roll import Roll
from workbench.deliver.video.scene import RATE, Box, scene_of
from workbench.deliver.video.stage import SHAPE_NAMES
from workbench.errors import BadRequest, Cancelled
from workbench.score.files import encode
from workbench.score.score import Note, Score, Track
from workbench.sound.audio import Audio

LINES = 240
PALETTE = Path(__file__).resolve().parents[3] / "workbench" / "web" / "src" / "ui" / "palette.ts"
#: At 120 beats a minute: (pitch, start, length) in ticks of 960 to the quarter, 1,920 a second.
NOTES = ((60, 960, 960), (64, 1_984, 500), (67, 2_600, 700), (60, 3_000, 900), (61, 3_100, 400))


def tune(title: str = "A tune") -> Score:
    track, drums = Track("t1", "Piano", color=2), Track("t2", "Kit", is_drum=True, color=1)
    for number, (pitch, start, length) in enumerate(NOTES):
        track.notes[f"n{number}"] = Note(f"n{number}", start, length, pitch, 90)
    for number, start in enumerate((960, 2_880)):
        drums.notes[f"d{number}"] = Note(f"d{number}", start, 100, 38, 100)
    return Score(title, tracks=[track, drums])


def clicks(seconds: float, at: tuple[float, ...] = (), rate: int = 44_100) -> Audio:
    samples = np.zeros((round(seconds * rate), 2), np.float32)
    for time in at:
        samples[round(time * rate) : round(time * rate) + 40] = 0.9
    return Audio(samples, rate)


def pictures(path: Path) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield float(frame.time), frame.to_ndarray(format="rgb24")


def lit(picture: NDArray[np.uint8], place: Box) -> bool:
    """Whether the lower part of a key or pad has a colour (unlit ones are grey)."""
    left, right = round(place.left + 0.3 * place.width), round(place.right - 0.3 * place.width)
    top, bottom = round(place.top + 0.7 * place.height), round(place.top + 0.88 * place.height)
    colour = picture[top:bottom, left : max(left + 1, right)].reshape(-1, 3).mean(axis=0)
    return bool(colour.max() - colour.min() > 40)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    onsets = tuple(start / 1_920 for _, start, _ in NOTES)
    return falling_notes(
        tune(), clicks(2.51, onsets[:2]), tmp_path_factory.mktemp("film") / "a.mp4", shape="16:9", lines=LINES
    )


def test_the_file_is_what_browsers_and_phones_play(film: Path) -> None:
    with av.open(str(film)) as container:
        (video,), (sound,) = container.streams.video, container.streams.audio
        assert (video.width, video.height, video.average_rate) == (426, 240, 30)
        assert video.codec_context.name in ("h264", "vp9")
        assert video.codec_context.pix_fmt == "yuv420p"
        assert sound.codec_context.name == "aac"
        assert abs(container.duration / 1e6 - 2.51) < 0.05
        assert container.metadata["title"] == "A tune"
    assert len(list(pictures(film))) == 76
    data = film.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "it plays before it is loaded"


def test_a_key_lights_up_on_the_frame_of_its_onset_and_goes_out_at_its_end(film: Path) -> None:
    scene = scene_of(tune(), "16:9", LINES)
    frames = [picture for _, picture in pictures(film)]
    for key in (60, 61, 64, 67, 62, 72):
        spans = [(start / 1_920, (start + length) / 1_920) for pitch, start, length in NOTES if pitch == key]
        for number, picture in enumerate(frames):
            time = number / RATE
            near = any(abs(time - edge) < 0.51 / RATE for span in spans for edge in span)
            if not near:
                assert lit(picture, scene.keys[key]) == any(start <= time < end for start, end in spans), (key, number)
        for start, _ in spans:  # the very frame
            first = next(number for number in range(int(start * RATE) - 1, 76) if lit(frames[number], scene.keys[key]))
            assert abs(first / RATE - start) <= 0.51 / RATE


def test_a_struck_pad_flashes(film: Path) -> None:
    scene = scene_of(tune(), "16:9", LINES)
    (lane,) = scene.lanes
    shining = [number for number, (_, picture) in enumerate(pictures(film)) if lit(picture, scene.pads[lane])]
    assert {15, 45} <= set(shining)
    assert not set(shining) & {5, 14, 25, 40, 44, 60}


def test_notes_arrive_at_the_keyboard_with_their_onset(film: Path) -> None:
    """Three frames before, a note's lower end is three steps above the line."""
    scene = scene_of(tune(), "16:9", LINES)
    frames = [picture for _, picture in pictures(film)]
    place = scene.keys[64]
    column = round((place.left + place.right) / 2)
    for before in (3, 6, 12):
        rows = frames[31 - before][: scene.line - 6, column].astype(int)
        low = max(np.flatnonzero(rows.max(axis=1) > 90))
        assert abs((scene.line - low) - (before * scene.step)) <= scene.step * 0.75 + 1


def test_the_sound_is_in_step_with_the_picture(film: Path) -> None:
    with av.open(str(film)) as container:
        stream = container.streams.audio[0]
        sound, times = [], []
        for frame in container.decode(stream):
            times.append(float(frame.time))
            sound.append(frame.to_ndarray()[0])
    signal = np.concatenate(sound)
    for _, start, _ in NOTES[:2]:
        around = round((start / 1_920 - times[0] - 0.1) * 44_100)
        peak = around + int(np.abs(signal[around : around + 8_820]).argmax())
        assert abs(peak / 44_100 + times[0] - start / 1_920) < 0.012


def test_both_shapes_stand_clear_of_what_phones_lay_over_them() -> None:
    tall = scene_of(tune(), "9:16", 720)
    assert (tall.width, tall.height) == (720, 1_280)
    assert scene_of(tune(), "16:9", 1_080).width == 1_920
    for scene in (tall, scene_of(tune(), "16:9", 720)):
        places = [*scene.keys.values(), *scene.pads.values()]
        assert min(place.left for place in places) >= 0.029 * scene.width
        assert max(place.right for place in places) <= 0.971 * scene.width
        assert {60, 61, 64, 67} <= set(scene.keys)
    assert tall.title_box.top >= 0.08 * tall.height
    assert tall.legend_box.bottom <= 0.88 * tall.height


def test_what_is_muted_is_not_shown_and_nothing_to_show_is_said() -> None:
    score = tune()
    score.tracks[0].mute = True
    assert {note.drum for note in scene_of(score, "9:16", LINES).notes} == {True}
    score.tracks[1].mute = True
    with pytest.raises(BadRequest, match="no notes"):
        scene_of(score, "9:16", LINES)


def test_a_long_piece_takes_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll, "TILE", 256)
    score = tune()
    score.tracks[0].notes["late"] = Note("late", 1_920 * 600, 1_920 * 60, 60, 90)
    scene = scene_of(score, "16:9", LINES)
    tall, (_, onto) = Roll(scene), Planes.frame(scene.width, scene.height)
    for frame in range(0, 660 * RATE, 97):
        tall.copy(frame, onto)
        assert len(tall._tiles) <= scene.line // 256 + 2
    tall.copy(615 * RATE, onto)
    column = round((scene.keys[60].left + scene.keys[60].right) / 2)
    assert (onto.y[: scene.line, column] > 60).all(), "a note of a minute goes through all tiles"


def test_stop_leaves_nothing_and_errors_are_one_sentence(tmp_path: Path) -> None:
    asked: list[float] = []
    out = tmp_path / "a.mp4"
    with pytest.raises(Cancelled):
        falling_notes(tune(), clicks(60), out, lines=LINES, progress=asked.append, cancelled=lambda: len(asked) > 1)
    assert list(tmp_path.iterdir()) == []
    for wrong in ({"shape": "1:1"}, {"lines": 5}, {"lines": 4_000}):
        with pytest.raises(BadRequest):
            falling_notes(tune(), clicks(1), out, **wrong)  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match=r"\.mp4"):
        falling_notes(tune(), clicks(1), tmp_path / "a.avi")
    with pytest.raises(BadRequest, match="samples a second"):
        falling_notes(tune(), clicks(1, rate=8_000), out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "title", ["", "夜の歌 \U0001f3b5", "A title that is far too long for one line " * 8, "\u0644\u062d\u0646"]
)
def test_any_title_can_be_written(title: str, tmp_path: Path) -> None:
    score = tune(title[:200])
    path = falling_notes(score, clicks(0.1), tmp_path / "t.mp4", lines=LINES)
    assert path.stat().st_size > 1_000


def test_writing_fits_its_place() -> None:
    for text in ("short", "many words that want more than one line of this width", "W" * 300):
        lines = brush.written(text, 20, 200, 2)
        assert len(lines) <= 2
        assert all(brush.font(20, line).getlength(line) <= 200 for line in lines)
    assert brush.written("W" * 300, 20, 200)[0].endswith("…")


def test_colours_survive_the_way_to_the_video_and_are_those_of_the_page() -> None:
    script = PALETTE.read_text(encoding="utf-8")
    dark = script.split("const DARK")[1].split("];")[0]
    assert tuple(re.findall(r'\["\w+", "(#\w{6})"', dark)) == brush.FILLS
    assert tuple(re.findall(r'"(\w+)"', script.split("SHAPES = [")[1].split("]")[0])) == SHAPE_NAMES
    for text in brush.FILLS:
        picture = np.full((2, 2, 3), brush.hexed(text), np.uint8)
        made = planes(picture)
        assert np.allclose([made.y[0, 0], made.u[0, 0], made.v[0, 0]], colour_of(brush.hexed(text)), atol=1)
        whole = np.array([*made.y.tolist(), [made.u[0, 0], made.v[0, 0]]], np.uint8)
        frame = av.VideoFrame.from_ndarray(whole, format="yuv420p")
        back = frame.reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()[0, 0]
        assert np.abs(back.astype(int) - brush.hexed(text)).max() <= 6


def test_the_command_renders_a_video(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    score = tune()
    for track in score.tracks:
        track.notes = {key: note for key, note in track.notes.items() if note.start < 1_000}
    (tmp_path / "in.wbz").write_bytes(encode(score, ".wbz"))
    out = tmp_path / "out.mp4"
    assert main(["render", str(tmp_path / "in.wbz"), "-o", str(out), "--shape", "16:9"]) == 0
    assert "16:9" in capsys.readouterr().out
    with av.open(str(out)) as container:
        assert container.streams.video[0].width == 1_280
    assert main(["render", str(tmp_path / "in.wbz"), "-o", str(tmp_path / "a.wav"), "--shape", "16:9"]) == 1
    assert "--shape" in capsys.readouterr().err
