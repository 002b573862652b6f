/** One of the six slots: what can go in, what is on its way, what is there and what it is used for. */
import { makeRecorder } from "../listen/recorder.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button, choice, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { icon, type IconName } from "../ui/icons.js";
import { waitingText } from "../ui/waiting.js";
import { cameraHere, isHandheld, takePhoto } from "./camera.js";
import type { Desk, Working } from "./desk.js";
import { MOST_WORDS, type Intake } from "./intake.js";
import { ACCEPT } from "./kinds.js";
import { makePreview } from "./preview.js";
import type { Item, Role, Slot } from "./types.js";

const ICONS: Readonly<Record<Slot, IconName>> = {
  words: "draw", voice: "record", recording: "band", picture: "grid", video: "play", notes: "keyboard",
};
const RIGHTS = ["", "mine", "licensed", "public-domain", "unknown"] as const;

/** "About 8 seconds left." */
function leftOf({ progress, began }: Working): string {
  const spent = (performance.now() - began) / 1_000, done = progress?.done ?? null;
  const left = progress?.seconds_left ?? (done && done > 0.05 && spent > 2 ? (spent * (1 - done)) / done : null);
  return left !== null && left >= 1.5 ? t("prompt.left", { count: Math.round(left) }) : "";
}

export function makeSlot(desk: Desk, intake: Intake, slot: Slot): HTMLElement {
  const title = t(`prompt.slot.${slot}`);
  const body = h("div", { class: "body" });
  const element = h("section", { class: "slot wb-card", "data-slot": slot, "aria-label": title },
    h("header", {}, h("i", { class: "mark", "aria-hidden": "true" }, icon(ICONS[slot], 24) as unknown as Node),
      h("div", {}, h("h3", {}, title), h("p", { class: "soft" }, t(`prompt.why.${slot}`)))), body);
  element.tabIndex = -1;
  const empty = makeEmpty(desk, intake, slot);
  const trouble = h("p", { class: "bad", role: "alert", hidden: true });
  const busy = makeBusy(desk, slot);
  let full: { element: HTMLElement; update(item: Item): void; gone: AbortController } | null = null;
  let shown = "";

  function update(): void {
    const item = desk.item(slot), working = desk.working.get(slot), failed = desk.failed.get(slot);
    trouble.hidden = !failed;
    if (trouble.textContent !== (failed ?? "")) trouble.textContent = failed ?? "";
    const state = working ? "busy" : item ? "full" : "empty";
    element.dataset["state"] = state;
    const what = state === "full" ? `full ${item!.media} ${item!.name}` : state;
    if (what !== shown) {
      shown = what;
      full?.gone.abort();
      full = state === "full" ? makeFull(desk, item!) : null;
      const active = (element.getRootNode() as Partial<ShadowRoot>).activeElement;
      if (active && body.contains(active)) element.focus({ preventScroll: true }); // what goes away loses the focus
      body.replaceChildren(trouble, state === "busy" ? busy.element : full ? full.element : empty);
    }
    if (working) busy.update(working);
    if (item && full) full.update(item);
  }
  desk.onChange(update);
  update();
  return element;
}

function makeBusy(desk: Desk, slot: Slot): { element: HTMLElement; update(working: Working): void } {
  const words = h("span", { role: "status" }), left = h("span", { class: "soft" }), bar = h("progress", { max: "1" });
  return {
    element: h("div", { class: "busy" }, words, bar, h("div", { class: "row" }, left,
      button({ label: t("prompt.stop", { slot: t(`prompt.slot.${slot}`) }), icon: "stop", text: true, kind: "outlined", onclick: () => desk.stop(slot) }))),
    update(working) {
      const { progress } = working, sentence = (progress && (waitingText(progress) || progress.text)) || working.text;
      if (words.textContent !== sentence) words.textContent = sentence;
      bar.setAttribute("aria-label", sentence);
      if (progress?.done === null || !progress) bar.removeAttribute("value");
      else bar.value = progress.done;
      left.textContent = leftOf(working);
    },
  };
}

/** Six slots have buttons of the same words: what is read out says which one it is. */
function named(made: HTMLButtonElement, slot: Slot): HTMLButtonElement {
  made.setAttribute("aria-label", t("prompt.buttonOf", { label: made.textContent ?? "", slot: t(`prompt.slot.${slot}`) }));
  return made;
}

/** A button that opens the browser's own window for files; `capture`: the camera of a phone. */
function chooser(slot: Slot, label: string, name: IconName, take: (file: File) => void, capture = false): HTMLElement[] {
  const input = h("input", {
    type: "file", accept: capture ? (slot === "video" ? "video/*" : "image/*") : ACCEPT[slot], hidden: true, "aria-label": label,
    capture: capture ? "environment" : null,
    onchange: () => {
      const file = input.files?.[0];
      if (file) take(file);
      input.value = "";
    },
  });
  return [named(button({ label, icon: name, text: true, kind: "outlined", onclick: () => input.click() }), slot), input];
}

function makeEmpty(desk: Desk, intake: Intake, slot: Slot): HTMLElement {
  const { context } = desk;
  const take = (file: File): void => void intake.file(file, slot);
  const example = named(button({ label: t("prompt.example"), icon: "spark", text: true, kind: "quiet", onclick: () => intake.example(slot) }), slot);
  if (slot === "words") return h("div", { class: "empty" }, makeWords(intake), h("div", { class: "row" }, example));
  const choose = chooser(slot, t("prompt.choose"), "plus", take);
  const row = h("div", { class: "row" });
  const element = h("div", { class: "empty" }, row);
  if (slot === "voice") {
    const recorder = makeRecorder(context, desk.said, {
      taken: (made) => take(made.file),
      failed: (sentence) => {
        desk.failed.set(slot, sentence);
        desk.redraw();
      },
      changed: () => (row.hidden = recorder?.busy ?? false),
    });
    element.prepend(recorder.element);
  }
  if (slot === "picture" && !isHandheld() && cameraHere()) {
    row.append(button({
      label: t("prompt.takePhoto"), icon: "record", text: true, kind: "outlined",
      onclick: () => void takePhoto(context).then((file) => file && take(file), (error: unknown) => {
        desk.failed.set(slot, sentenceOf(error));
        desk.redraw();
      }),
    }));
  }
  if ((slot === "picture" || slot === "video") && isHandheld()) row.append(...chooser(slot, t(`prompt.capture.${slot}`), "record", take, true));
  row.append(...choose, example);
  return element;
}

function makeWords(intake: Intake): HTMLElement {
  const field = h("textarea", {
    rows: 3, maxlength: MOST_WORDS, placeholder: t("prompt.wordsPlace"), "aria-label": t("prompt.wordsLabel"),
    oninput: () => (use.disabled = !field.value.trim()),
    onkeydown: (event: KeyboardEvent) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) intake.words(field.value);
    },
  });
  const use = button({ label: t("prompt.useWords"), icon: "check", text: true, kind: "outlined", onclick: () => intake.words(field.value) });
  use.disabled = true;
  return h("div", { class: "words" }, field, use);
}

/** What is there: its face, what it is used for, how much it counts, and taking it out. */
function makeFull(desk: Desk, first: Item): { element: HTMLElement; update(item: Item): void; gone: AbortController } {
  const { slot } = first, gone = new AbortController();
  const change = (fields: { roles?: readonly Role[]; strength?: number; rights?: string }): void => void desk.tryAsk(slot, { type: "prompt.change", slot, ...fields });
  const roles = h("div", { class: "roles", role: "group", "aria-label": t("prompt.use") });
  const strength = slider({
    label: t("prompt.strength"), min: 0, max: 100, step: 5, value: first.strength,
    say: (value) => t("prompt.strengthSays", { percent: value }), onchange: (value) => change({ strength: value }),
    oninput: (value) => (share.textContent = t("prompt.strengthSays", { percent: value })),
  });
  const share = h("span", { class: "share soft", "aria-hidden": "true" });
  const rights = slot !== "words" ? choice<string>({
    label: t("prompt.rights"), value: first.rights, onchange: (value) => change({ rights: value }),
    options: RIGHTS.map((name) => [name, t(`prompt.rights.${name || "none"}`)] as const),
  }) : null;
  const again = slot === "words"
    ? button({ label: t("prompt.editWords"), icon: "draw", text: true, kind: "quiet", onclick: () => editWords() }) : null;
  const remove = button({
    label: t("prompt.remove", { slot: t(`prompt.slot.${slot}`) }), icon: "trash",
    onclick: () => void desk.tryAsk(slot, { type: "prompt.remove", slot }),
  });
  let item = first;

  function editWords(): void {
    const field = h("textarea", { rows: 3, maxlength: MOST_WORDS, "aria-label": t("prompt.wordsLabel") });
    field.value = textOf(item);
    const done = button({
      label: t("prompt.useWords"), icon: "check", text: true, kind: "primary",
      onclick: () => void desk.give("words", { name: t("prompt.slot.words"), bring: () => Promise.resolve({ text: field.value.trim() }) }),
    });
    face.replaceChildren(h("div", { class: "words" }, field, done));
    field.focus();
  }
  const face = h("div", { class: "face" }, slot === "words" ? h("blockquote", {}, textOf(first)) : makePreview(desk, first, gone.signal));
  const update = (next: Item): void => {
    item = next;
    strength.set(next.strength);
    share.textContent = t("prompt.strengthSays", { percent: next.strength });
    const wanted = next.possible.map((role) => `${role}${next.roles.includes(role) ? "+" : "-"}`).join();
    if (roles.dataset["shown"] === wanted) return;
    const focused = roles.getRootNode() instanceof ShadowRoot ? (roles.getRootNode() as ShadowRoot).activeElement : null;
    const held = focused instanceof HTMLElement && roles.contains(focused) ? focused.dataset["role"] : null;
    roles.dataset["shown"] = wanted;
    roles.replaceChildren(...next.possible.map((role) => {
      const on = next.roles.includes(role);
      const made = button({
        label: t(`prompt.role.${role}`), text: true, kind: "outlined", pressed: on,
        onclick: () => {
          if (on && next.roles.length === 1) return desk.said.say(t("prompt.lastUse"), true);
          change({ roles: next.possible.filter((other) => (other === role ? !on : next.roles.includes(other))) });
        },
      });
      made.dataset["role"] = role;
      return made;
    }));
    if (held) roles.querySelector<HTMLElement>(`[data-role=${held}]`)?.focus();
  };
  const useless = h("span", { class: "soft" }, t("prompt.use"));
  return {
    gone, update,
    element: h("div", { class: "full" }, face, first.possible.length ? h("div", { class: "row" }, useless, roles) : null,
      h("div", { class: "counts" }, strength, share), slot === "recording" ? h("p", { class: "soft small" }, t("prompt.rightsWhy")) : null, h("div", { class: "row" }, rights, h("span", { class: "end" }, again, remove))),
  };
}

/** The words as they were given. */
export function textOf(item: Item): string {
  const { understood } = item;
  return typeof understood === "object" && understood !== null && "text" in understood ? String(understood.text) : item.name;
}
