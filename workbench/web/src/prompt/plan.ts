/** The plan as a page that can be edited: what the piece will be, before a note is written. */
import { readStyles } from "../fill/join/styles.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { served } from "../strings/served.js";
import { button, choice } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { chordText, readBrief, readChords, type Brief } from "./brief.js";
import { makeCurve } from "./curve.js";
import type { Desk } from "./desk.js";
import { makeSections } from "./sections.js";

const TONICS = ["C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"] as const;
const METRES = ["2/4", "3/4", "4/4", "5/4", "6/8", "7/8", "9/8", "12/8"] as const;
const REST_MS = 250;

/** What the fields of the plan need: the plan as it is, and a way to change it. */
export interface PlanDesk {
  readonly desk: Desk;
  readonly brief: Brief;
  change(changes: Partial<Brief>): void;
}

interface Field {
  readonly element: HTMLElement;
  update(brief: Brief): void;
}

export function makePlan(desk: Desk): HTMLElement {
  const { signal } = desk.context;
  const trouble = h("p", { class: "bad", role: "alert" });
  const stale = h("div", { class: "stale wb-card", hidden: true }, h("p", {}, t("plan.stale")),
    button({ label: t("plan.again"), icon: "again", text: true, kind: "outlined", onclick: () => void desk.tryAsk(null, { type: "brief.make" }) }));
  const conflicts = h("div", { class: "conflicts" });
  const remarks = h("ul", { class: "plain soft" });
  const form = h("div", { class: "fields" });
  const element = h("section", { class: "plan", "aria-labelledby": "prompt-plan", hidden: true },
    h("h2", { id: "prompt-plan" }, t("plan.title")), h("p", { class: "soft" }, t("plan.why")),
    stale, h("div", { class: "sheet wb-card" }, conflicts, form, trouble, remarks));
  let fields: Field[] = [], timer: ReturnType<typeof setTimeout> | undefined, waiting: Partial<Brief> = {};
  let shown = "";

  const planDesk: PlanDesk = {
    desk,
    get brief() {
      return { ...readBrief(desk.state.brief)!, ...waiting };
    },
    change(changes) {
      waiting = { ...waiting, ...changes };
      clearTimeout(timer);
      timer = setTimeout(() => void send(), REST_MS);
      fields.forEach((field) => field.update(planDesk.brief));
    },
  };

  async function send(): Promise<void> {
    const changes = waiting;
    waiting = {};
    try {
      await desk.ask({ type: "brief.change", changes: changes as unknown as Record<string, unknown> });
      trouble.textContent = "";
    } catch (error) {
      trouble.textContent = sentenceOf(error);
      shown = "";
      update();
    }
  }

  function update(): void {
    const brief = readBrief(desk.state.brief);
    element.hidden = !brief;
    if (!brief) return void (shown = "");
    if (!fields.length) {
      fields = makeFields(planDesk);
      form.replaceChildren(...fields.map((field) => field.element));
    }
    stale.hidden = !desk.state.stale;
    const key = JSON.stringify(desk.state.brief);
    if (key === shown) return;
    shown = key;
    conflicts.replaceChildren(...brief.conflicts.map((conflict) => h("div", { class: "conflict" }, h("p", {}, served(conflict.sentence)),
      button({ label: t("plan.other"), text: true, kind: "outlined", onclick: () => void desk.tryAsk(null, { type: "brief.other", rule: conflict.rule }) }))));
    remarks.replaceChildren(...brief.remarks.map((line) => h("li", {}, served(line))));
    fields.forEach((field) => field.update(planDesk.brief));
  }

  signal.addEventListener("abort", () => clearTimeout(timer));
  desk.onChange(update);
  update();
  return element;
}

function makeFields(plan: PlanDesk): Field[] {
  return [makeFacts(plan), makeSections(plan), makeChords(plan), makeCurve(plan, "dynamics"), makeCurve(plan, "density")];
}

/** A number with its unit; told when it is left. */
function numberField(label: string, unit: string, limits: readonly [number, number, number], change: (value: number) => void): { element: HTMLElement; set(value: number): void } {
  const [min, max, step] = limits;
  const input = h("input", {
    type: "number", min, max, step, "aria-label": label,
    onchange: () => {
      if (Number.isFinite(input.valueAsNumber)) change(Math.min(max, Math.max(min, input.valueAsNumber)));
    },
  });
  return {
    element: h("label", { class: "wb-choice" }, h("span", {}, label), input, h("span", { class: "soft" }, unit)),
    set: (value) => {
      const text = String(Math.round(value / step) * step);
      if ((input.getRootNode() as ShadowRoot).activeElement !== input) input.value = String(Math.round(Number(text) * 10) / 10);
    },
  };
}

function makeFacts(plan: PlanDesk): Field {
  const seconds = numberField(t("prompt.length"), t("prompt.seconds"), [4, 900, 0.1], (value) => plan.change({ seconds: value }));
  const tempo = numberField(t("plan.tempo"), t("plan.perMinute"), [20, 400, 1], (value) => plan.change({ tempo: value }));
  const metre = choice<string>({
    label: t("plan.metre"), value: "4/4", options: METRES.map((name) => [name, name] as const),
    onchange: (value) => plan.change({ metre: value.split("/").map(Number) as unknown as [number, number] }),
  });
  const tonic = choice<string>({
    label: t("plan.key"), value: "0", options: TONICS.map((name, i) => [String(i), name] as const), onchange: (value) => plan.change({ tonic: Number(value) }),
  });
  const mode = choice<"major" | "minor">({
    label: t("plan.mode"), hideLabel: true, value: "major", options: [["major", t("plan.major")], ["minor", t("plan.minor")]], onchange: (value) => plan.change({ mode: value }),
  });
  const style = choice<string>({ label: t("plan.style"), value: "", options: [], onchange: (value) => plan.change({ style: value }) });
  const melody = choice<"faithful" | "varied">({
    label: t("prompt.tuneIs"), value: "faithful", options: [["faithful", t("prompt.tuneFaithful")], ["varied", t("prompt.tuneVaried")]],
    onchange: (how) => plan.change({ melody: { ...plan.brief.melody, how } }),
  });
  void plan.desk.context.store.call({ type: "styles" }).then((reply) => {
    style.querySelector("select")!.replaceChildren(...readStyles(reply.styles).map((item) => h("option", { value: item.id }, item.title)));
    style.set(plan.brief.style);
  }, () => {}); // away: the style stays as the plan has it
  return {
    element: h("div", { class: "facts row" }, seconds.element, tempo.element, metre, h("span", { class: "key" }, tonic, mode), style, melody),
    update(brief) {
      seconds.set(brief.seconds);
      tempo.set(brief.tempo);
      const name = brief.metre.join("/");
      if (!METRES.includes(name as (typeof METRES)[number]) && !metre.querySelector(`option[value="${name}"]`)) metre.querySelector("select")!.append(h("option", { value: name }, name));
      metre.set(name);
      tonic.set(String(brief.tonic));
      mode.set(brief.mode);
      style.set(brief.style);
      melody.hidden = brief.melody.how === "new";
      if (brief.melody.how !== "new") melody.set(brief.melody.how);
    },
  };
}

function makeChords(plan: PlanDesk): Field {
  const field = h("textarea", {
    rows: 2, spellcheck: "false", "aria-label": t("plan.chords"), "aria-describedby": "plan-chords-hint",
    onchange: () => plan.change({ chords: readChords(field.value, plan.brief) }),
  });
  return {
    element: h("div", { class: "chords" }, h("h3", {}, t("plan.chords")), field, h("p", { id: "plan-chords-hint", class: "soft" }, t("plan.chordsHint"))),
    update(brief) {
      const text = chordText(brief);
      if ((field.getRootNode() as ShadowRoot).activeElement !== field && field.value !== text) field.value = text;
    },
  };
}
