/** What can be done with the note or the staff that is picked: everything that a key does, as buttons and choices. */
import { t, type StringKey } from "../../strings/index.js";
import { button, choice } from "../../ui/controls.js";
import { h } from "../../ui/dom.js";
import { LENGTHS, lengthWords, nameOf, type PictureDesk } from "./picturedesk.js";
import { isDoubtful, staffOfPlace } from "./scoreread.js";
import { CLEFS } from "./staffsteps.js";

const TIMES = ["4/4", "3/4", "2/4", "2/2", "6/8", "9/8", "12/8", "3/8", "5/4", "6/4"];
const sameLength = ([top, bottom]: readonly [number, number], quarters: number): boolean => Math.abs(top / bottom - quarters) < 1e-3;

export function makePictureBar(desk: PictureDesk): { element: HTMLElement; update(): void } {
  const words = h("b", { class: "picked-words" });
  const tools = h("div", { class: "tools" });
  const element = h("div", { class: "picked", role: "group", "aria-label": t("cards.picture.picked") }, words, tools);
  let built = "";

  function lengthChoice(quarters: number): HTMLElement {
    const now = LENGTHS.findIndex((item) => sameLength(item, quarters));
    const options = LENGTHS.map(([top, bottom], i) => [String(i), lengthWords(top / bottom)] as const);
    return choice({
      label: t("cards.picture.length"), hideLabel: true, value: String(now), options: now < 0 ? [["-1", lengthWords(quarters)], ...options] : options,
      onchange: (value) => Number(value) >= 0 && desk.setLength(LENGTHS[Number(value)]!),
    });
  }

  function eventTools(): HTMLElement[] {
    const placed = desk.placed!, { event } = placed;
    const heads = event.pitches.length > 1 ? [choice({
      label: t("cards.picture.which"), hideLabel: true, value: String(desk.head),
      options: event.pitches.map((_, i) => [String(i), nameOf(event, i)] as const).reverse(),
      onchange: (value) => desk.pick(placed, Number(value)),
    })] : [];
    const pitched = event.rest ? [] : [
      button({ label: t("cards.picture.up"), icon: "up", onclick: () => desk.move(1) }),
      button({ label: t("cards.picture.down"), icon: "down", onclick: () => desk.move(-1) }),
      sign("♯", t("cards.picture.sharper"), () => desk.alter(1)), sign("♭", t("cards.picture.flatter"), () => desk.alter(-1)),
    ];
    return [
      ...pitched, ...(event.rest ? [] : [button({ label: t("cards.hear"), icon: "sound", onclick: () => desk.hear() })]),
      button({ label: t("cards.picture.remove"), icon: "trash", kind: "danger", onclick: () => desk.remove() }),
      ...heads, lengthChoice(event.duration),
      ...(event.rest ? [] : [button({ label: t("cards.picture.tie"), text: true, pressed: event.tie, onclick: () => desk.toggleTie() })]),
      button({ label: t("cards.picture.addBehind"), icon: "plus", onclick: () => desk.addBehind() }),
      ...(isDoubtful(event) ? [button({ label: t("cards.picture.right"), icon: "check", text: true, kind: "outlined", onclick: () => desk.confirm() })] : []),
    ];
  }

  function sign(text: string, label: string, act: () => void): HTMLElement {
    return h("button", { type: "button", class: "wb-button icon-only sign-button", "aria-label": label, title: label, onclick: act }, text);
  }

  function staffTools(): HTMLElement[] {
    const found = staffOfPlace(desk.score, desk.picked.staff!);
    if (!found) return [];
    const { staff } = found, time = staff.time.join("/");
    const clefs: string[] = [...CLEFS];
    if (!clefs.includes(staff.clef)) clefs.push(staff.clef);
    return [
      choice({ label: t("cards.picture.clef"), value: staff.clef, options: clefs.map((clef) => [clef, clefWords(clef)] as const), onchange: (clef) => desk.setStaff({ clef }) }),
      choice({ label: t("cards.picture.key"), value: String(staff.key), options: Array.from({ length: 15 }, (_, i) => [String(i - 7), keyWords(i - 7)] as const),
        onchange: (key) => desk.setStaff({ key: Number(key) }) }),
      choice({ label: t("cards.picture.time"), value: time, options: (TIMES.includes(time) ? TIMES : [time, ...TIMES]).map((each) => [each, each] as const),
        onchange: (value) => desk.setStaff({ time: value.split("/").map(Number) as [number, number] }) }),
    ];
  }

  return {
    element,
    update() {
      const { placed } = desk, { staff } = desk.picked;
      words.textContent = placed ? desk.words(placed) : staff ? desk.staffWords(staff) : t(desk.adding ? "cards.picture.addHint" : "cards.picture.hint");
      words.classList.toggle("soft", !placed && !staff);
      const found = staff ? staffOfPlace(desk.score, staff)?.staff : null;
      const now = placed ? [placed.event.id, placed.event.pitches, placed.event.duration, placed.event.tie, isDoubtful(placed.event), desk.head].join(" ")
        : found ? [...staff!, found.clef, found.key, found.time].join(" ") : "";
      if (now === built) return;
      built = now;
      const focused = (tools.getRootNode() as ShadowRoot).activeElement;
      const label = focused && tools.contains(focused) ? focused.getAttribute("aria-label") ?? focused.getAttribute("title") ?? focused.textContent : null;
      tools.replaceChildren(...(placed ? eventTools() : staff ? staffTools() : []));
      if (label === null) return;
      const again = [...tools.querySelectorAll<HTMLElement>("button, select")]
        .find((item) => [item.getAttribute("aria-label"), item.getAttribute("title"), item.textContent].includes(label));
      again?.focus();
    },
  };
}

const clefWords = (clef: string): string => ((CLEFS as readonly string[]).includes(clef) ? t(`cards.picture.clef.${clef}` as StringKey) : clef);

/** "2 sharps (D major, B minor)". */
export function keyWords(fifths: number): string {
  const major = ["C♭", "G♭", "D♭", "A♭", "E♭", "B♭", "F", "C", "G", "D", "A", "E", "B", "F♯", "C♯"][fifths + 7]!;
  const minor = ["A♭", "E♭", "B♭", "F", "C", "G", "D", "A", "E", "B", "F♯", "C♯", "G♯", "D♯", "A♯"][fifths + 7]!;
  const count = Math.abs(fifths);
  const signs = count === 0 ? t("cards.picture.noSigns") : t(`cards.picture.${fifths > 0 ? "sharps" : "flats"}.${count === 1 ? "one" : "other"}` as StringKey, { count });
  return t("cards.picture.keyWords", { signs, major, minor });
}
