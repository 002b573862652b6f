/**
 * The notes that were read, drawn over the picture of their page, to be put right by hand, finger or key: doubtful ones
 * are hollow with a flag above them, each staff has its part's colour, and a list says the same in words.
 */
import { makeTable } from "../../roll/table.js";
import { plural, t } from "../../strings/index.js";
import { sentenceOf } from "../../strings/sentence.js";
import { pitchName } from "../../roll/speech.js";
import { button, setPressed } from "../../ui/controls.js";
import { everyFrame, h } from "../../ui/dom.js";
import { svg } from "../../ui/svg.js";
import type { Card, CardHost } from "./card.js";
import { overlay } from "./pagepaint.js";
import { listenToPage, PageView } from "./pageview.js";
import { makePictureBar } from "./picturebar.js";
import { LENGTHS, lengthWords, PictureDesk } from "./picturedesk.js";
import { clefAt, eventAt, headAt, isDoubtful, nextDoubtful, placedOn, placeOfNew, staffAt, staffOfPlace, type Placed } from "./scoreread.js";
import { pitchOfStep, stepAt } from "./staffsteps.js";

/** On a narrow screen a page begins closer: so much of its width is seen. */
const NARROW = 560, NARROW_SHARE = 0.55;
/** A page of a few lines needs no more room than it fills, but at least so many pixels. */
const LOWEST = 220;

export function pictureCard(host: CardHost): Card {
  const desk = new PictureDesk(host);
  const stage = makeStage(desk);
  const bar = makePictureBar(desk);
  const head = makeHead(desk, stage.view, () => stage.draw());
  const list = makeList(desk);
  const remarks = h("ul", { class: "remarks soft" });
  const element = h("div", { class: "wb-picture" }, head.element, h("div", { class: "sheet-box" }, stage.element, bar.element), remarks, list.element);
  const update = (): void => {
    head.update();
    bar.update();
    list.update();
    stage.draw();
    remarks.hidden = !desk.score.remarks.length;
    remarks.replaceChildren(...desk.score.remarks.map((line) => h("li", {}, line)));
  };
  desk.onChange(update);
  update();
  return {
    element,
    update(json) {
      const before = desk.placed;
      desk.told.update(json);
      if (desk.picked.id !== null && !desk.placed) desk.picked = { id: null, staff: null, head: 0 };
      else if (before && desk.placed && before.event !== desk.placed.event) host.say?.(desk.words(desk.placed));
      update();
    },
  };
}

function makeHead(desk: PictureDesk, view: PageView, redraw: () => void): { element: HTMLElement; update(): void } {
  const words = h("p", { class: "facts" });
  const turn = (by: number): void => {
    desk.page += by;
    desk.pick(null);
  };
  const zoom = (factor: number): void => {
    view.zoom(factor);
    redraw();
  };
  const next = button({ label: t("cards.picture.next"), icon: "help", text: true, kind: "outlined", keys: "N", onclick: () => desk.pick(nextDoubtful(desk.score, desk.picked.id, desk.page)) });
  const add = button({ label: t("cards.picture.add"), icon: "plus", text: true, pressed: false, onclick: () => {
    desk.adding = !desk.adding;
    desk.redraw();
  } });
  const undo = button({ label: t("cards.undo"), icon: "undo", keys: "Control+Z", onclick: () => desk.undo() });
  const before = button({ label: t("cards.picture.pageBefore"), icon: "left", onclick: () => turn(-1) });
  const after = button({ label: t("cards.picture.pageAfter"), icon: "right", onclick: () => turn(1) });
  const page = h("span", { class: "time", role: "status" });
  const pager = h("span", { class: "group" }, before, page, after);
  return {
    element: h("div", { class: "head" }, words, h("div", { class: "tools" }, next, add, pager, undo,
      button({ label: t("cards.zoomOut"), icon: "zoomOut", onclick: () => zoom(1 / 1.5) }),
      button({ label: t("cards.zoomIn"), icon: "zoomIn", onclick: () => zoom(1.5) }))),
    update() {
      const { notes, doubtful } = desk.counts(), pages = desk.score.pages.length;
      words.textContent = [plural("cards.picture.notes", notes), doubtful ? plural("cards.picture.doubtfulCount", doubtful) : t("cards.picture.allSure")].join(" · ");
      next.hidden = !doubtful;
      setPressed(add, desk.adding);
      undo.hidden = !desk.host.restore;
      undo.disabled = !desk.told.canUndo;
      pager.hidden = pages < 2;
      page.textContent = t("list.page", { page: desk.page + 1, pages });
      before.disabled = desk.page === 0;
      after.disabled = desk.page >= pages - 1;
    },
  };
}

function makeStage(desk: PictureDesk): { element: HTMLElement; view: PageView; draw(): void } {
  const { host } = desk, { signal } = host;
  const view = new PageView();
  const image = svg("image", { x: 0, y: 0, preserveAspectRatio: "none" });
  const marks = svg("g");
  const drawing = svg("svg", { "aria-hidden": "true" }, image, marks);
  const trouble = h("p", { class: "trouble", hidden: true });
  const element = h("div", {
    class: "page-stage", tabindex: 0, role: "application", "aria-roledescription": t("cards.picture.page"), "aria-label": t("cards.picture.label"),
    "aria-description": t("cards.picture.keys"), onkeydown: (event: KeyboardEvent) => key(event),
  }, drawing, trouble);
  let shown = -1, opened = -1, seen = "";

  const window = everyFrame(() => {
    drawing.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    element.classList.toggle("whole", view.whole);
  });

  async function load(page: number): Promise<void> {
    shown = page;
    trouble.hidden = true;
    image.removeAttribute("href");
    try {
      const url = await host.image(page);
      if (shown === page && !signal.aborted) image.setAttribute("href", url);
    } catch (error) {
      trouble.textContent = sentenceOf(error);
      trouble.hidden = false;
    }
  }

  function open(): void {
    const page = desk.score.pages[desk.page];
    if (!page || !element.clientWidth) return;
    const first = page.systems[0]?.box, narrow = element.clientWidth < NARROW;
    const share = narrow ? NARROW_SHARE : 1;
    opened = desk.page;
    element.style.maxHeight = `${Math.max(LOWEST, Math.ceil((element.clientWidth * page.height) / page.width / share))}px`;
    view.resize(element.clientWidth, element.clientHeight);
    view.open(page.width, page.height, share, narrow && first ? first[0] - page.width * 0.02 : 0, first ? first[1] - page.width * 0.05 : 0);
  }

  function draw(): void {
    const page = desk.score.pages[desk.page];
    if (!page) return;
    image.setAttribute("width", String(page.width));
    image.setAttribute("height", String(page.height));
    if (shown !== desk.page) void load(desk.page);
    if (opened !== desk.page) open();
    marks.replaceChildren(...overlay(desk.score, desk.page, { ...desk.picked, head: desk.head }));
    const { placed } = desk;
    if (placed && placed.event.id !== seen) view.reveal(...placed.event.box);
    seen = placed?.event.id ?? "";
    element.classList.toggle("adding", desk.adding);
    window.request();
  }

  function tap(x: number, y: number, air: number): void {
    element.focus({ preventScroll: true });
    const staff = staffAt(desk.score, desk.page, x, y);
    if (desk.adding && staff) return addAt(staff, x, y);
    const placed = eventAt(desk.score, desk.page, x, y, air);
    if (placed) return desk.pick(placed, headAt(placed, y));
    if (staff) desk.pickStaff(staff);
    else desk.pick(null);
  }

  function addAt(place: readonly [number, number, number], x: number, y: number): void {
    const { staff, system } = staffOfPlace(desk.score, place)!;
    const at = placeOfNew(system, x), clef = clefAt(staff, at);
    const fifths = system.bars.find((bar) => bar.measure === at.measure)?.key ?? staff.key;
    desk.add(place, at.measure, at.beat, pitchOfStep(stepAt(y, clef, staff.box), fifths), 1);
  }

  const key = pageKeys(desk, (factor) => {
    view.zoom(factor);
    window.request();
  });
  listenToPage(element, view, { tap, moved: () => window.request() }, signal);
  const sizes = new ResizeObserver(() => {
    if (opened < 0) draw();
    view.resize(element.clientWidth, element.clientHeight);
    window.request();
  });
  sizes.observe(element);
  signal.addEventListener("abort", () => sizes.disconnect());
  return { element, view, draw };
}

function pageKeys(desk: PictureDesk, zoom: (factor: number) => void): (event: KeyboardEvent) => void {
  const chord = (by: number): void => {
    const { placed } = desk, count = placed?.event.pitches.length ?? 0;
    if (placed && count > 1) desk.pick(placed, (desk.head + by + count) % count);
  };
  const turn = (by: number): void => {
    const page = desk.page + by;
    if (desk.score.pages[page]) desk.pick(placedOn(desk.score, page)[0] ?? null);
  };
  const acts: Record<string, () => void> = {
    ArrowRight: () => desk.step(1), ArrowLeft: () => desk.step(-1), ArrowUp: () => desk.move(1), ArrowDown: () => desk.move(-1),
    PageDown: () => desk.stepStaff(1), PageUp: () => desk.stepStaff(-1), Home: () => desk.pick(placedOn(desk.score, desk.page)[0] ?? null),
    End: () => desk.pick(placedOn(desk.score, desk.page).at(-1) ?? null), "+": () => desk.alter(1), "=": () => desk.alter(1), "-": () => desk.alter(-1),
    ",": () => desk.stretch(-1), ".": () => desk.stretch(1), c: () => chord(1), t: () => desk.toggleTie(), a: () => desk.addBehind(), y: () => desk.confirm(),
    n: () => desk.pick(nextDoubtful(desk.score, desk.picked.id, desk.page)), Delete: () => desk.remove(), Backspace: () => desk.remove(),
    Enter: () => desk.hear(), " ": () => desk.hear(), "[": () => turn(-1), "]": () => turn(1), "{": () => zoom(1 / 1.5), "}": () => zoom(1.5), Escape: () => desk.pick(null),
  };
  return (event) => {
    if (event.altKey) return;
    const undo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" ? () => desk.undo() : undefined;
    const act = undo ?? (event.ctrlKey || event.metaKey ? undefined : acts[event.key.length === 1 ? event.key.toLowerCase() : event.key]);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
}

/** The notes of the page as a table. */
function makeList(desk: PictureDesk): { element: HTMLElement; update(): void } {
  const lengths = LENGTHS.map(([top, bottom], i) => [String(i), lengthWords(top / bottom)] as const);
  const pitches = Array.from({ length: 88 }, (_, i) => [String(108 - i), pitchName(108 - i)] as const);
  type Row = { readonly placed: Placed; readonly index: number };
  const rows = (): Row[] => placedOn(desk.score, desk.page).flatMap((placed) =>
    (placed.event.rest ? [0] : placed.event.pitches.map((_, i) => i)).map((index) => ({ placed, index })));
  const table = makeTable<Row>({
    label: t("cards.picture.list"), rows, key: ({ placed, index }) => `${placed.event.id} ${index}`, addLabel: t("cards.picture.addBehind"),
    columns: [
      { label: t("cards.bar"), min: 0, get: ({ placed }) => placed.event.measure, set: () => false },
      { label: t("cards.beat"), step: "any", min: 1, get: ({ placed }) => Number(placed.event.beat.toFixed(3)),
        set: ({ placed }, value) => Number(value) >= 1 && (desk.correct({ id: placed.event.id, beat: Number(value) }), true) },
      { label: t("cards.picture.staff"), type: "text", get: ({ placed }) => `${placed.place[1] + 1}.${placed.place[2] + 1}`, set: () => false },
      { label: t("listen.note"), options: [["-1", t("cards.picture.rest")], ...pitches], get: ({ placed, index }) => placed.event.pitches[index] ?? -1,
        set: ({ placed, index }, value) => {
          const next = placed.event.pitches.map((pitch, i) => (i === index ? Number(value) : pitch)).filter((pitch) => pitch >= 0);
          desk.correct({ id: placed.event.id, pitches: placed.event.rest ? [Number(value)] : next.sort((a, b) => a - b) });
          return true;
        } },
      { label: t("cards.picture.length"), options: lengths, get: ({ placed }) => {
        const at = LENGTHS.findIndex(([top, bottom]) => Math.abs(top / bottom - placed.event.duration) < 1e-3);
        return at < 0 ? lengthWords(placed.event.duration) : at;
      }, set: ({ placed }, value) => LENGTHS[Number(value)] !== undefined && (desk.correct({ id: placed.event.id, duration: LENGTHS[Number(value)]! }), true) },
      { label: t("listen.sure"), options: [["1", t("listen.yes")], ["0", t("listen.doubtful")]], get: ({ placed }) => (isDoubtful(placed.event) ? 0 : 1),
        set: ({ placed }, value) => {
          if (value !== "1") return false;
          desk.picked = { id: placed.event.id, staff: null, head: 0 };
          desk.confirm();
          return true;
        } },
    ],
    remove: ({ placed, index }) => {
      desk.picked = { id: placed.event.id, staff: null, head: index };
      desk.remove();
    },
    add: () => {
      if (!desk.placed) desk.pick(placedOn(desk.score, desk.page).at(-1) ?? null, undefined, true);
      desk.addBehind();
    },
    onfocus: ({ placed, index }) => placed.event.pitches[index] !== undefined && host.sound?.([placed.event.pitches[index]!], 0.4),
  });
  const { host } = desk;
  const element = h("details", { class: "lists", ontoggle: () => element.open && table.update() }, h("summary", {}, t("cards.picture.lists")), table.element);
  return { element, update: () => element.open && table.update() };
}

