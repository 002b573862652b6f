/** The strip for playing along: chords to type, hold or let go round, the groove, or the open piece. */
import { t, type StringKey } from "../strings/index.js";
import { button, choice, relabel, setPressed } from "../ui/controls.js";
import { clamp, h } from "../ui/dom.js";
import { chordName, type Accompaniment } from "./accompaniment.js";
import { parseLine, type NamedChord } from "./chords.js";
import type { GrooveStyle } from "./take.js";

const STYLES: readonly GrooveStyle[] = ["beat", "ballad", "bounce", "none"];

export interface CompanionPanel {
  readonly element: HTMLElement;
  /** Draw what has changed; `at` in milliseconds. Cheap, for every frame. */
  follow(at: number): void;
  show(): void;
}

interface ChordPad {
  readonly element: HTMLElement;
  draw(): void;
  /** Light the chord that sounds; `at` in milliseconds. */
  follow(at: number): void;
}

function chordPad(band: Accompaniment, changed: () => void): ChordPad {
  let chips: HTMLButtonElement[] = [];
  let lit = "";
  let latched = -1;
  const element = h("div", { class: "chord-pad", role: "group", "aria-label": t("genie.chordPad"), title: t("genie.chordHint") });

  function hold(index: number, chord: NamedChord | null): void {
    band.held = chord;
    latched = chord ? index : -1;
    chips.forEach((chip, i) => setPressed(chip, i === latched));
    changed();
  }
  /** While the groove goes round a chip holds its chord as long as it is down; else a tap keeps it. */
  function draw(): void {
    chips = band.chords.slice(0, 32).map((chord, index) => {
      const chip = h("button", { type: "button", class: "chip", "aria-pressed": "false", "data-chord": chord.name }, chord.name);
      let held = false;
      chip.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        held = band.transport.running;
        if (held) {
          chip.setPointerCapture(event.pointerId);
          hold(index, chord);
        } else hold(index, latched === index ? null : chord);
      });
      for (const name of ["pointerup", "pointercancel"]) {
        chip.addEventListener(name, () => {
          if (held) hold(index, null);
          held = false;
        });
      }
      chip.addEventListener("click", (event) => {
        if (event.detail === 0) hold(index, latched === index ? null : chord); // the keyboard, or a screen reader
      });
      return chip;
    });
    lit = "";
    element.replaceChildren(...chips);
  }

  return {
    element, draw,
    follow(at) {
      const running = band.transport.running && band.chords.length > 0;
      const now = running ? String(Math.max(0, band.bar(at)) % band.chords.length) : "";
      if (now === lit) return;
      lit = now;
      chips.forEach((chip, i) => chip.classList.toggle("now", String(i) === now));
    },
  };
}

export function companionPanel(band: Accompaniment, changed: () => void, fail: (text: string) => void): CompanionPanel {
  const run = button({ label: t("genie.goRound"), icon: "play", text: true, kind: "outlined", onclick: () => toggle() });
  const toggle = (): void => {
    if (band.running) band.stop();
    else void band.start().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
  };
  const pad = chordPad(band, changed);
  const complaint = h("p", { class: "bad", role: "alert", hidden: true });
  const field = h("input", {
    type: "text", class: "chord-text", "aria-label": t("genie.chordText"), title: t("genie.chordText"), maxlength: 400,
    spellcheck: "false", autocapitalize: "off", autocomplete: "off", value: band.chords.map((chord) => chord.name).join(" "),
    oninput: () => read(),
    onkeydown: (event: KeyboardEvent) => {
      if (event.key === "Enter") field.blur();
    },
  });
  function read(): void {
    try {
      band.chords = parseLine(field.value);
      complaint.hidden = true;
      field.removeAttribute("aria-invalid");
      pad.draw();
      changed();
    } catch (error) {
      complaint.textContent = error instanceof Error ? error.message : String(error);
      complaint.hidden = false;
      field.setAttribute("aria-invalid", "true");
    }
  }

  const tempo = h("input", {
    type: "number", min: 40, max: 220, class: "tempo", "aria-label": t("genie.tempo"), title: t("genie.tempo"), value: String(band.bpm),
    onchange: () => {
      band.bpm = clamp(Math.round(tempo.valueAsNumber) || 96, 40, 220);
      tempo.value = String(band.bpm);
      if (band.transport.running) void band.start();
    },
  });
  const style = choice<GrooveStyle>({
    label: t("genie.groove"), value: band.style, hideLabel: true,
    options: STYLES.map((name) => [name, t(`genie.groove.${name}` as StringKey)] as const),
    onchange: (value) => (band.style = value),
  });
  const flag = (name: "countIn" | "metronome", key: StringKey): HTMLButtonElement => {
    const made = button({
      label: t(key), pressed: band[name], kind: "quiet",
      onclick: () => {
        band[name] = !band[name];
        setPressed(made, band[name]);
      },
    });
    return made;
  };
  const project = h("p", { class: "soft", "aria-live": "off" });
  const chordsOnly = h("div", { class: "chord-row" }, pad.element, field);
  const groove = h("div", { class: "groove-row" }, style, h("label", { class: "bpm" }, tempo, h("span", { "aria-hidden": "true" }, "bpm")));
  const element = h("section", { class: "companion", hidden: true, "aria-label": t("genie.with") },
    run, chordsOnly, groove, h("div", { class: "groove-row flags" }, flag("countIn", "genie.countIn"), flag("metronome", "genie.metronome")), project, complaint);
  pad.draw();

  const show = (): void => {
    element.hidden = band.with === "alone";
    const mine = band.with === "project";
    chordsOnly.hidden = groove.hidden = mine;
    project.hidden = !mine;
    const [start, stop]: [StringKey, StringKey] = mine ? ["genie.playProject", "genie.stopProject"] : ["genie.goRound", "genie.stopRound"];
    relabel(run, t(band.running ? stop : start), band.running ? "stop" : "play");
    run.title = t(band.running ? stop : start);
  };
  return {
    element, show,
    follow(at) {
      if (element.hidden) return;
      if (band.with === "project") {
        const chord = band.projectChord();
        const text = chord ? t("genie.projectChords", { name: chordName(chord) }) : band.running ? "" : t("genie.projectNone");
        if (project.textContent !== text) project.textContent = text;
        return;
      }
      pad.follow(at);
    },
  };
}
