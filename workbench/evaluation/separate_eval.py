"""How well recordings are taken apart: SI-SDR improvement on bands of works and a soundfont never learnt from.

``main`` prints the tables of ``models/separate/README.md``. Every method hears the same clips: the network, harmonic
and percussive parts with a low-pass (the plain way without a network), masks from the known notes, and the best that
masks of the network's bands could do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workbench.nets.separate_bands import STEMS, banded, median
from workbench.nets.separate_onnx import SeparateRuntime
from workbench.sound.audio import Audio
from workbench.training.corpora import DRUMS
from workbench.training.listen_sound import HELD_OUT
from workbench.training.separate_kits import RATE, Kit
from workbench.training.separate_scenes import Parted, PartedScenes
from workbench.training.separate_sound import render
from workbench.understand.heard import HeardNote
from workbench.understand.informed import separate_with_notes
from workbench.understand.masking import Parting, Spectra, split
from workbench.understand.splitter import Shares, spread

#: Decibels of each stem beside "other" where levels are set as a mixing desk would: mean and spread.
DESK = {"drums": (-1.0, 3.0), "bass": (-2.0, 3.0), "other": (0.0, 0.0)}


@dataclass(frozen=True)
class Clip:
    """Ten seconds with their stems, float32 [samples, 2]; ``notes`` where they are known; ``mix`` is their sum."""

    name: str
    stems: Mapping[str, np.ndarray]
    notes: Parted | None = None
    mix: Audio = field(init=False)

    def __post_init__(self) -> None:
        total = np.zeros_like(next(iter(self.stems.values())))
        for stem in self.stems.values():
            total += stem
        object.__setattr__(self, "mix", Audio(total, RATE))


def si_sdr(estimate: np.ndarray, truth: np.ndarray) -> float:
    """Scale-invariant signal-to-distortion ratio in decibels (Le Roux et al., 2019), over all channels at once."""
    guess, true = estimate.astype(np.float64).ravel(), truth.astype(np.float64).ravel()
    scaled = true * (float(guess @ true) / max(float(true @ true), 1e-12))
    own, off = float(scaled @ scaled), float(np.sum((guess - scaled) ** 2))
    return float(10 * np.log10(max(own, 1e-12) / max(off, 1e-12)))


def rendered(count: int, seed: int, desk: bool, font: str = HELD_OUT, kit: Path | None = None) -> list[Clip]:
    """Bands of held-out works, played by a held-out soundfont (and drums by a held-out kit of recorded strokes)."""
    scenes, rng = PartedScenes("test", seed), np.random.default_rng(seed)
    parted: list[Parted] = []
    while len(parted) < count:
        scene = scenes.draw()
        if min(len(scene.drums), len(scene.bass), len(scene.other)) >= 8:
            parted.append(scene)
    sounds = {name: render([getattr(scene, name) for scene in parted], font, True, rng, wide=True) for name in STEMS}
    if kit is not None:
        played = [Kit(kit).play(scene.drums, rng) for scene in parted]
        sounds["drums"] = [np.stack([sound, sound], axis=1) for sound in played]
    out = []
    for place, scene in enumerate(parted):
        stems = {name: sounds[name][place] for name in STEMS}
        if desk or kit is not None:
            stems = {name: at_level(sound, rng.normal(*DESK[name])) for name, sound in stems.items()}
        out.append(Clip(f"{place:02d}", stems, scene))
    return out


def at_level(sound: np.ndarray, decibels: float) -> np.ndarray:
    """A sound at a level beside -26 dBFS (root mean square)."""
    return np.asarray(sound * (0.05 * 10 ** (decibels / 20) / (np.sqrt(np.mean(sound**2)) + 1e-9)), np.float32)


def around(sources: Mapping[str, Audio], count: int, seed: int, font: str = HELD_OUT) -> list[Clip]:
    """Real recordings that have neither drums nor bass, with rendered ones under them."""
    out = []
    for number, clip in enumerate(rendered(count, seed, desk=True, font=font)):
        name = list(sources)[number % len(sources)]
        source = sources[name].resampled(RATE)
        length, rng = len(clip.mix.samples), np.random.default_rng(seed + number)
        start = int(rng.integers(0, max(1, source.frames - length)))
        cut = np.broadcast_to(source.samples[start : start + length], (min(length, source.frames), 2))
        other = np.zeros((length, 2), np.float32)
        other[: len(cut)] = cut
        out.append(Clip(f"{name} {number:02d}", {**clip.stems, "other": at_level(other, 0.0)}))
    return out


Method = Callable[[Clip], Mapping[str, np.ndarray]]


def by_parting(parting: Callable[[Clip], Parting]) -> Method:
    """A method from what masks do."""

    def method(clip: Clip) -> Mapping[str, np.ndarray]:
        return {name: stem.samples for name, stem in split(clip.mix, STEMS, parting(clip)).items()}

    return method


def heard(notes: np.ndarray) -> list[HeardNote]:
    """Rows of a scene as notes."""
    return [
        HeardNote(float(start), max(float(end), float(start) + 0.05), int(pitch), int(np.clip(velocity, 1, 127)),
                  drum=program == DRUMS)
        for start, end, pitch, velocity, program in notes
    ]  # fmt: skip


def known_notes(second: Shares | None) -> Method:
    """Masks from the notes; what nobody's notes explain goes to other. ``second``: a network heard as well."""

    def method(clip: Clip) -> Mapping[str, np.ndarray]:
        assert clip.notes is not None
        notes = {name: heard(getattr(clip.notes, name)) for name in STEMS}
        stems = {name: stem.samples for name, stem in separate_with_notes(clip.mix, notes, network=second).items()}
        return {**stems, "other": stems["other"] + stems["rest"]}

    return method


def network(shares: Shares) -> Method:
    """The network alone."""
    return by_parting(lambda clip: shares.parting(clip.mix))


def plain(clip: Clip) -> Parting:
    """Without a network: struck sound is drums (FitzGerald, 2010), held sound below 200 Hz is bass."""

    def part(spectra: Spectra, first: int) -> Spectra:
        size = np.sqrt((np.abs(spectra) ** 2).mean(0))
        held = median(size, 17, 0) ** 2
        struck = median(size, 17, 1) ** 2
        drums = struck / (held + struck + 1e-12)
        low = 1 / (1 + (np.arange(size.shape[1]) * RATE / 4096 / 200) ** 8)
        return np.stack([spectra * drums, spectra * (1 - drums) * low]).astype(np.complex64)

    return part


def oracle(clip: Clip) -> Parting:
    """The best shares of the network's bands that there are (the stems are known)."""
    from workbench.understand.masking import Frames

    stems = {name: Frames(Audio(np.ascontiguousarray(sound, np.float32), RATE)) for name, sound in clip.stems.items()}

    def part(spectra: Spectra, first: int) -> Spectra:
        last = first + spectra.shape[1]
        power = banded((np.abs(spectra) ** 2).mean(0)) + 1e-12
        shares = [
            np.clip(banded((stems[name].spectra(first, last) * spectra.conj()).real.mean(0)) / power, 0, 1)
            for name in STEMS
        ]
        masks = spread(np.stack(shares[:-1]), spectra.shape[2])
        return np.asarray(spectra[None] * masks[:, None], np.complex64)

    return part


def improvements(clips: list[Clip], method: Method) -> dict[str, np.ndarray]:
    """SI-SDR of each stem less that of the mix itself, in decibels, a number a clip."""
    rows: dict[str, list[float]] = {name: [] for name in STEMS}
    for clip in clips:
        found = method(clip)
        for name, truth in clip.stems.items():
            if np.sqrt(np.mean(truth**2)) > 1e-4:
                rows[name].append(si_sdr(found[name], truth) - si_sdr(clip.mix.samples, truth))
    return {name: np.array(values) for name, values in rows.items()}


def lines(title: str, clips: list[Clip], methods: Mapping[str, Method]) -> Iterator[tuple[str, dict[str, list[float]]]]:
    """A row of a table for each method: mean, standard deviation and worst tenth of every stem."""
    for name, method in methods.items():
        found = improvements(clips, method)
        cells, figures = [], {}
        for stem, values in found.items():
            numbers = [float(values.mean()), float(values.std()), float(np.quantile(values, 0.1))]
            figures[stem] = numbers
            cells.append("{:.1f} ± {:.1f} ({:.1f})".format(*numbers))
        yield f"| {title} | {name} | {' | '.join(cells)} |", figures


def main(
    model: Path, examples: Path | None = None, count: int = 24, kits: Path | None = None, target: Path | None = None
) -> None:
    """Print the tables; ``examples``: real recordings without drums and bass; ``kits``: a folder with held-out kits."""
    from workbench.sound.files import read_audio

    shares = Shares(SeparateRuntime(model, 1))
    methods: dict[str, Method] = {
        "network": network(shares), "plain": by_parting(plain), "best shares": by_parting(oracle),
    }  # fmt: skip
    sets = {"levels of the score": rendered(count, 11, desk=False), "levels of a desk": rendered(count, 12, desk=True)}
    held = next(iter(sorted(kits.rglob("Millo_MultiLayered3"))), None) if kits is not None else None
    if held is not None:
        sets["recorded kit"] = rendered(count, 13, desk=True, kit=held)
    if examples is not None:
        names = ("Hungarian_Dance_5.ogg", "vocadito_10.wav")
        sources = {name: read_audio(examples / name) for name in names if (examples / name).exists()}
        sets["real strings, singing"] = around(sources, count, 14)
    figures = {}
    print("| clips | method | drums | bass | other |\n|---|---|---|---|---|")
    for title, clips in sets.items():
        told = {"known notes": known_notes(None), "known notes and network": known_notes(shares)}
        asked = methods if title.startswith("real") else {**methods, **told}
        for line, numbers in lines(title, clips, asked):
            print(line, flush=True)
            figures[f"{title}, {line.split('|')[2].strip()}"] = numbers
    if target is not None:
        target.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
