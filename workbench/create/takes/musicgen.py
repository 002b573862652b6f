"""MusicGen (Copet and others, 2023, arXiv:2306.05284) by transformers' own classes: sound from words and a tune.

Two kinds of repository are known by their ``config.json``: ``musicgen_melody`` follows a tune (by the pitch class that
is loudest at each moment), ``musicgen`` takes words alone. No code of a repository is ever run, and no file of it is
opened but safetensors, its settings and its vocabulary. Tokens are drawn here, by a generator of this run's own, so
that equal seeds give equal sound and nothing is set for the whole process.
"""

from __future__ import annotations

import contextlib
import math
import queue
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, Cancelled, Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Progress, Result, Support
from workbench.hub.tasks.take.guard import NAME
from workbench.hub.tasks.take.request import TakeRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters.tensors import read_tensors

if TYPE_CHECKING:
    from torch import Tensor

#: As the models were published: how far words are followed, and from how many tokens the next is drawn.
GUIDANCE, TOP_K = 3.0, 250
#: Codes a second of the published models, and a long sentence's tokens.
FRAMES_A_SECOND, MAX_TOKENS = 50, 256
#: The longest a person is asked to wait, in seconds.
LONGEST_WAIT = 600.0
#: Seconds for one step: by a graphics card (not measured here), and on two cores for each gigabyte of memory that the
#: model needs, where its entry does not say it (``step_seconds``); measured with random weights of the small size.
GPU_STEP, CPU_STEP_A_GB = 0.03, 0.1
#: Seconds before the first step, and to make the codes into sound, for each second of it.
BEGINNING, CPU_DECODING = 3.0, 0.3


class MusicGen(Model):
    """Adapter of MusicGen checkpoints for the hub."""

    _network: Any = None
    _words: Any = None

    def prepare(self) -> None:
        """Load the weights; raises :class:`BadFile` if they are of another kind."""
        if self._network is None:
            self._words = self._vocabulary()
            self._network = self._build()

    def release(self) -> None:
        """Let go of the weights."""
        self._network = self._words = None

    def support(self, request: TakeRequest) -> Support:
        """Whether the tune is followed, whether it would take too long here, and whether its libraries are there."""
        if any(find_spec(name) is None for name in ("torch", "transformers", "tokenizers")):
            return Support.no("This model needs the extra 'hub': run  pip install 'music-workbench[hub]'.")
        seconds = self.estimate_seconds(request)
        if seconds > LONGEST_WAIT:
            most = int((LONGEST_WAIT - BEGINNING) * request.seconds / (seconds - BEGINNING))
            return Support.no(
                f"Without a GPU this model would take about {math.ceil(seconds / 60)} minutes for "
                f"{request.seconds:.0f} seconds of sound, and ten are the most; "
                + (f"ask for {most} seconds or fewer." if most >= 1 else "choose a smaller model.")
            )
        if request.melody is not None and not self.spec.capabilities.get("melody", False):
            return Support.partial("This model knows words alone; it does not follow the tune.")
        return Support.full()

    def estimate_seconds(self, request: TakeRequest) -> float:
        """Wall-clock seconds here: fifty steps for each second of sound."""
        if _has_gpu():
            return BEGINNING + FRAMES_A_SECOND * GPU_STEP * float(request.seconds)
        step = float(self.spec.capabilities.get("step_seconds", CPU_STEP_A_GB * self.spec.memory_mb / 1_000))
        return BEGINNING + (FRAMES_A_SECOND * step + CPU_DECODING) * float(request.seconds)

    def run(self, request: TakeRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Result]:
        """Yield progress step by step, then the sound; Stop takes effect within one step."""
        self.prepare()
        if self._network is None:
            raise Unavailable("The model was unloaded while it was needed; try again.")
        told: queue.Queue[Any] = queue.Queue()
        gone = threading.Event()

        def work() -> None:
            try:
                told.put(self._made(request, _Dice(seed, self._codebooks(), told, cancel, gone)))
            except BaseException as error:  # handed over to whoever waits
                told.put(error)

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        steps = self._steps(request)
        try:
            while True:
                item = told.get()
                if isinstance(item, int):
                    yield Progress(min(0.97, item / steps))
                elif isinstance(item, BaseException):
                    raise item
                else:
                    yield Result((Alternative(stems={NAME: item}),))
                    return
        finally:
            gone.set()
            worker.join()

    def _codebooks(self) -> int:
        count: int = int(self._network.config.decoder.num_codebooks)
        return count

    def _steps(self, request: TakeRequest) -> int:
        """Tokens a codebook: those of the sound, and those by which the codebooks lag behind each other."""
        codec = self._network.config.audio_encoder
        return math.ceil(request.seconds * float(codec.frame_rate)) + self._codebooks()

    def _made(self, request: TakeRequest, dice: _Dice) -> Audio:
        import torch
        from transformers import GenerationConfig, LogitsProcessorList

        network = self._network
        start = int(network.config.decoder.pad_token_id)
        tokens = self._words.encode(request.words).ids[:MAX_TOKENS]
        given: dict[str, Any] = {
            "input_ids": torch.tensor([tokens], device=network.device),
            "attention_mask": torch.ones((1, len(tokens)), dtype=torch.long, device=network.device),
        }
        if request.melody is not None and network.config.model_type == "musicgen_melody":
            given["input_features"] = self._chroma(request.melody).to(network.device)
        how = GenerationConfig(
            do_sample=False, guidance_scale=GUIDANCE, max_new_tokens=self._steps(request), pad_token_id=start,
            bos_token_id=start, decoder_start_token_id=start, use_cache=True,
        )  # fmt: skip
        with torch.inference_mode():
            sound = network.generate(**given, generation_config=how, logits_processor=LogitsProcessorList([dice]))
        samples = sound[0].float().cpu().numpy().T
        rate = int(network.config.audio_encoder.sampling_rate)
        return Audio(np.ascontiguousarray(np.nan_to_num(samples), np.float32), rate)

    def _chroma(self, melody: Audio) -> Tensor:
        """The tune as the model was trained to hear it: one pitch class at a time, float32 [1, frames, classes]."""
        from transformers import MusicgenMelodyFeatureExtractor

        config = self._network.config
        rate = int(config.audio_encoder.sampling_rate)
        hear = MusicgenMelodyFeatureExtractor(sampling_rate=rate, num_chroma=config.num_chroma,
                                              feature_size=config.num_chroma)  # fmt: skip
        found: Tensor = hear(melody.resampled(rate).mono(), sampling_rate=rate, return_tensors="pt")["input_features"]
        return found

    def _vocabulary(self) -> Any:
        from tokenizers import Tokenizer

        path = self.files.get("tokenizer.json")
        try:
            if path is None:
                raise ValueError("there is none")
            return Tokenizer.from_file(str(path))
        except ImportError:
            raise
        except Exception as error:  # the library raises plain exceptions
            raise BadFile(f"The vocabulary of the model {self.spec.id} cannot be read; pull it again.") from error

    def _build(self) -> Any:
        """transformers' network with these weights, on the graphics card where there is one."""
        import torch
        import transformers

        known: dict[str, tuple[Any, Any]] = {
            "musicgen": (transformers.MusicgenConfig, transformers.MusicgenForConditionalGeneration),
            "musicgen_melody": (transformers.MusicgenMelodyConfig, transformers.MusicgenMelodyForConditionalGeneration),
        }
        settings = self.config()
        if settings.get("model_type") not in known:
            raise BadFile(f"The files of the model {self.spec.id} are not those of MusicGen; choose another model.")
        shape, kind = known[settings["model_type"]]
        tensors = read_tensors(path for name, path in self.files.items() if name.endswith(".safetensors"))
        try:
            with _without_bars():
                network, found = kind.from_pretrained(
                    None, config=shape.from_dict(settings), state_dict=tensors, output_loading_info=True,
                    dtype=torch.float32, trust_remote_code=False,
                )  # fmt: skip
        except Exception as error:
            raise BadFile(f"The weights of the model {self.spec.id} do not fit its settings; pull it again.") from error
        if found["missing_keys"] or found["mismatched_keys"]:
            raise BadFile(f"The weights of the model {self.spec.id} are not whole; pull it again.")
        return network.to("cuda" if _has_gpu() else "cpu").eval().requires_grad_(False)


class _Dice:
    """Draws the next token of every codebook, tells of each step and stops the work; a logits processor.

    Guidance is worked out here (rows with the words come first, then those without), and all but the drawn token is
    made impossible, so that what follows can only take it.
    """

    def __init__(
        self, seed: int, codebooks: int, told: queue.Queue[Any], cancel: CancelToken, gone: threading.Event
    ) -> None:
        self._chance = np.random.default_rng([seed, codebooks])
        self._codebooks, self._told, self._cancel, self._gone = codebooks, told, cancel, gone
        self._step = 0

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """float [rows, tokens] to the same shape, 0 for the token drawn and very little for all others."""
        import torch

        if self._gone.is_set():
            raise Cancelled("Stopped.")
        self._cancel.check()
        rows = scores.shape[0]
        given = scores.float().cpu().numpy().astype(np.float64)
        if rows == 2 * self._codebooks:
            words, free = given[: self._codebooks], given[self._codebooks :]
            given = free + GUIDANCE * (words - free)
        drawn = draw(given, self._chance)
        out = torch.full_like(scores, -1e9)
        out[torch.arange(rows), torch.from_numpy(np.tile(drawn, rows // len(drawn))).to(scores.device)] = 0.0
        self._step += 1
        self._told.put(self._step)
        return out


def draw(scores: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.int64]:
    """One token a row, float64 [rows, tokens], from the likeliest :data:`TOP_K`, by Gumbel's trick."""
    least = np.sort(scores, axis=1)[:, -min(TOP_K, scores.shape[1])]
    open_to = np.where(scores >= least[:, None], scores, -np.inf)
    return np.asarray(np.argmax(open_to + chance.gumbel(size=scores.shape), axis=1), np.int64)


@contextlib.contextmanager
def _without_bars() -> Iterator[None]:
    """The library draws a bar for each file that it loads, in the middle of whatever a command prints."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _has_gpu() -> bool:
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.cuda.is_available())
