/** Playing notes in: a MIDI keyboard, and writing step by step what is played. */
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { connectMidi } from "./midi.js";
import type { RollState } from "./state.js";
import { StepRecorder } from "./steprecord.js";

export interface PlayingIn { readonly element: HTMLElement; readonly recorder: StepRecorder }

export function makePlayingIn(state: RollState): PlayingIn {
  const { store, signal } = state.context;
  const recorder = new StepRecorder(state);
  const midi = button({ label: t("roll.midi"), icon: "keyboard", text: true, kind: "quiet", onclick: () => void useMidi() });
  const step = button({
    label: t("roll.step"), icon: "record", text: true, kind: "quiet", pressed: false, onclick: () => {
      recorder.on = !recorder.on;
      step.setAttribute("aria-pressed", String(recorder.on));
      state.announcer.say(t(recorder.on ? "step.on" : "step.off"));
    } });

  async function useMidi(): Promise<void> {
    try {
      const count = await connectMidi(state, {
        struck: (pitch, velocity) => recorder.struck(pitch, velocity, true), released: (pitch) => recorder.released(pitch),
      }, signal);
      store.notice(t(count ? "midi.ready" : "midi.none"));
    } catch (error) {
      store.notice(sentenceOf(error));
    }
  }
  return { element: h("div", { class: "playing-in" }, midi, step), recorder };
}
