"""Looking at videos as phones make them: cuts and their times, rotation, sound, and files that are no videos."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from tests.unit.understand.video.clips import FPS, babble, clip, pictures, times, tone
from workbench.cli import main
from workbench.errors import BadFile, Cancelled
from workbench.understand.video.watch import watch

EXAMPLE = Path(__file__).resolve().parents[4] / "assets" / "prompts" / "video.webm"


@pytest.mark.parametrize(
    ("name", "codec"),
    [("x.mp4", "libx264"), ("x.mov", "libx265"), ("x.webm", "libvpx-vp9"), ("x.avi", "mpeg4"), ("x.mkv", "libx264")],
)
def test_cuts_are_found_to_the_picture_in_every_common_form(tmp_path: Path, name: str, codec: str) -> None:
    seen = watch(clip(tmp_path / name, shots=3, codec=codec))
    assert seen.cuts == pytest.approx((1.0, 2.0), abs=0.5 / FPS)
    assert seen.duration == pytest.approx(3.0, abs=0.02)
    assert seen.fps == pytest.approx(FPS, rel=0.02)
    assert not seen.has_sound
    assert seen.speech == ()


def test_a_phones_uneven_turned_video_keeps_its_own_times(tmp_path: Path) -> None:
    path = clip(tmp_path / "x.mp4", shots=3, codec="libx265", rotation=90, uneven=True, start=0.5)
    seen = watch(path)
    due = times(3 * FPS, uneven=True)
    assert seen.cuts == pytest.approx((due[FPS], due[2 * FPS]), abs=2e-3)
    assert (seen.rotation, seen.width, seen.height) == (90, 96, 160)


def test_times_count_from_the_first_picture(tmp_path: Path) -> None:
    seen = watch(clip(tmp_path / "x.mkv", start=1.5, sound=tone(2.0), sound_start=1.5))
    assert seen.cuts == pytest.approx((1.0,), abs=0.01)
    assert seen.has_sound


def test_flashes_pans_and_exposure_are_no_cuts(tmp_path: Path) -> None:
    shot = pictures(1, 3.0)
    for index in (20, 21):
        shot[index] = np.full_like(shot[index], 250)
    for index in range(40, 75):
        shot[index] = np.rint(shot[index] * max(0.45, 1 - (index - 39) * 0.05)).astype(np.uint8)
    assert watch(clip(tmp_path / "x.mp4", frames=shot)).cuts == ()
    from tests.unit.understand.video.clips import HEIGHT, WIDTH, scene

    wide = np.concatenate([scene(5), scene(6), scene(7)], axis=1).astype(np.uint8)
    whip = [wide[:HEIGHT, x : x + WIDTH] for x in (*[10] * 20, *range(10, 400, 26), *[400] * 20)]
    assert watch(clip(tmp_path / "y.mp4", frames=[np.ascontiguousarray(one) for one in whip])).cuts == ()


def test_a_fade_in_at_the_start_and_out_at_the_end_are_no_joins(tmp_path: Path) -> None:
    share = np.minimum(np.arange(75) / 30, (74 - np.arange(75)) / 30).clip(0, 1)[:, None, None, None]
    frames = np.rint(np.stack(pictures(1, 3.0)) * share).astype(np.uint8)
    assert watch(clip(tmp_path / "x.mp4", frames=list(frames))).cuts == ()


def test_cross_fades_and_fades_through_black_are_joins(tmp_path: Path) -> None:
    first, second = (np.stack(part).astype(float) for part in (pictures(1, 3.0), pictures(3, 1.0)[-FPS:]))
    second = np.concatenate([second, second, second])
    share = np.clip((np.arange(75) - 30) / 15, 0, 1)[:, None, None, None]
    mixed = np.rint(first * (1 - share) + second * share).astype(np.uint8)
    seen = watch(clip(tmp_path / "x.mp4", frames=list(mixed)))
    assert seen.cuts == pytest.approx((37 / FPS,), abs=0.3)
    dark = np.abs(np.clip((np.arange(75) - 37) / 10, -1, 1))[:, None, None, None]
    through = np.rint(np.where(np.arange(75)[:, None, None, None] < 37, first, second) * dark).astype(np.uint8)
    seen = watch(clip(tmp_path / "y.mp4", frames=list(through)))
    assert seen.cuts == pytest.approx((37 / FPS,), abs=0.2)


def test_the_example_film_agrees_with_the_list_made_by_hand() -> None:
    """The list was made by looking at the first 30 s of Big Buck Bunny: a picture every half second for the shots, then
    single pictures about each join. The titles that appear over a shot, and the fade from black at the start, are none.
    """
    by_hand = (11.792, 15.667, 22.958)
    seen = watch(EXAMPLE)
    kept = [time for time in by_hand if time < seen.duration - 0.2]
    assert kept
    assert seen.cuts == pytest.approx(tuple(kept), abs=0.021)


def test_talk_is_heard_and_a_tone_is_not(tmp_path: Path) -> None:
    quiet = np.zeros((3 * 48_000, 2), np.float32)
    seen = watch(clip(tmp_path / "x.mp4", seconds=4.5, sound=np.concatenate([quiet, babble(6.0)])))
    talked = sum(end - start for start, end in seen.speech)
    assert 3.5 < talked < 6.6
    assert seen.speech[0][0] == pytest.approx(3.0, abs=0.6)
    assert watch(clip(tmp_path / "y.mp4", sound=tone(2.0))).speech == ()


def test_it_stops_when_asked_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = clip(tmp_path / "x.mp4")
    told: list[float] = []
    watch(path, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 10
    with pytest.raises(Cancelled):
        watch(path, cancelled=lambda: True)


def _single(path: Path) -> None:
    clip(path, frames=pictures(1)[:1])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _garbage(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(20_000))


def _beheaded(path: Path) -> None:
    clip(path)
    path.write_bytes(path.read_bytes()[:3_000])


def _sound_alone(path: Path) -> None:
    from workbench.sound.audio import Audio
    from workbench.sound.files import write_audio

    write_audio(Audio(tone(1.0), 48_000), path.with_suffix(".m4a"))
    path.with_suffix(".m4a").rename(path)


def _still(path: Path) -> None:
    av.VideoFrame.from_ndarray(pictures(1)[0], "rgb24").to_image().save(path, "PNG")


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (_single, "single picture"), (_empty, "empty"), (_garbage, "cannot be read"), (_beheaded, "cannot be read"),
        (_sound_alone, "no moving picture"), (_still, "is a picture"),
    ],
)  # fmt: skip
def test_what_is_no_video_is_one_sentence(tmp_path: Path, make: object, word: str) -> None:
    path = tmp_path / "holiday.mp4"
    make(path)  # type: ignore[operator]
    with pytest.raises(BadFile, match=word) as caught:
        watch(path)
    assert "holiday.mp4" in str(caught.value)
    assert str(caught.value).count(".") <= 2


def test_four_hours_are_refused_before_a_picture_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for index, picture in enumerate(pictures(1)[:4]):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts = index * 4_800 * FPS
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    told: list[float] = []
    with pytest.raises(BadFile, match=r"lasts \d\.\d hours"):
        watch(path, progress=told.append)
    assert told == []


def test_a_damaged_middle_is_left_out(tmp_path: Path) -> None:
    path = clip(tmp_path / "x.mkv", shots=3)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = np.random.default_rng(1).bytes(400)
    path.write_bytes(bytes(data))
    seen = watch(path)
    assert seen.duration > 1.0


def test_the_command_writes_the_documented_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = clip(tmp_path / "x.mp4"), tmp_path / "seen.json"
    assert main(["watch", str(path), "--json", str(out)]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    data = json.loads(out.read_text(encoding="utf-8"))
    assert {"duration", "fps", "cuts", "moments", "motion", "brightness", "speech", "mood"} <= data.keys()
    assert len(data["motion"]) > 10
    assert main(["watch", str(tmp_path / "nothing.mp4"), "--json", str(tmp_path / "no.json")]) == 1
    assert not (tmp_path / "no.json").exists()
