/**
 * The app below a participant's page. Outside a task it is neither seen nor reached; during one it shows the tabs and
 * controls of the person's condition, on the tab and with the piece that the task begins with.
 */
import { readScore } from "../document/types.js";
import type { ViewContext } from "../host/view.js";
import { readJson } from "../host/model.js";
import { withhold } from "../ui/conditions.js";
import { h } from "../ui/dom.js";
import type { Desk } from "./desk.js";
import type { Condition, TaskStep } from "./types.js";

/** Tells a name that is safe in a style sheet. */
const NAME = /^[a-z][a-z0-9_-]*$/;
const ALL_TABS = ["home", "prompt", "listen", "roll", "sheet", "stems", "genie", "models"];

export class Stage {
  private readonly style = h("style", { "data-wb": "study" });
  private observer: ResizeObserver | null = null;
  private allowed: readonly string[] = [];

  constructor(private readonly context: ViewContext, private readonly desk: Desk) {
    document.head.append(this.style);
    // A door that leads to a tab which this person is not to see stays shut.
    document.addEventListener("wb-go", (event) => {
      if (event.target !== (context.root.getRootNode() as ShadowRoot).host && !this.allowed.includes((event as CustomEvent<string>).detail)) event.stopPropagation();
    }, { capture: true, signal: context.signal });
  }

  /** Something to read or to answer: the app rests below it. */
  page(): void {
    this.allowed = [];
    this.observer?.disconnect();
    document.documentElement.dataset["wbStudy"] = "page";
    this.style.textContent = HIDDEN;
  }

  task(step: TaskStep, bar: HTMLElement): void {
    const condition = this.desk.state?.condition ?? null;
    this.allowed = tabsOf(condition, step);
    this.context.store.hold(false); // a task comes after consent
    document.documentElement.dataset["wbStudy"] = "task";
    const controls = Object.entries(condition?.controls ?? {}).filter(([, shown]) => !shown).map(([name]) => name);
    withhold([...controls, ...ALL_TABS.filter((tab) => !this.allowed.includes(tab)).map((tab) => `tab-${tab}`)]);
    const room = (): void => {
      const height = bar.getBoundingClientRect().height;
      this.style.textContent = [
        `html { --wb-study-bar: ${height}px; scroll-padding-top: ${height + 60}px; } body { padding-top: ${height}px !important; }`,
        `#wb-tabs ${this.allowed.length === 1 ? ".tab-wrapper" : ".overflow-menu"} { display: none !important; }`,
        `#wb-tabs button[role="tab"]${this.allowed.map((tab) => `:not(#wb-tab-${tab}-button)`).join("")} { display: none !important; }`,
      ].join("\n");
    };
    room();
    this.observer?.disconnect();
    this.observer = new ResizeObserver(room);
    this.observer.observe(bar);
    this.go(this.allowed.includes(step.view) ? step.view : this.allowed[0] ?? step.view);
    void this.begin(step);
  }

  leave(): void {
    this.observer?.disconnect();
    this.style.remove();
    withhold([]);
    delete document.documentElement.dataset["wbStudy"];
  }

  private go(tab: string): void {
    this.allowed.includes(tab) || (this.allowed = [...this.allowed, tab]);
    this.context.root.dispatchEvent(new CustomEvent("wb-go", { detail: tab, bubbles: true, composed: true }));
  }

  /** The piece that a task begins with, once: after a reload what was made so far is what goes on. */
  private async begin(step: TaskStep): Promise<void> {
    const { store } = this.context;
    const { keep } = this.desk;
    await store.ready;
    if (keep.hasBegun(step.id)) return;
    // Where nothing was begun under this code, what lies in this browser is somebody else's.
    const first = !keep.begunAny;
    keep.begin(step.id);
    const given = step.score ?? (first || step.start !== "keep" ? readJson(this.context.host.model.get("document")) : null);
    if (given) store.open(readScore(given), { reason: "file" });
  }
}

/** While the page lies over it, the app is there (its views keep their sizes) but cannot be seen, clicked or tabbed to. */
const HIDDEN = "#wb-tabs { visibility: hidden !important; } body { overflow: hidden !important; }";

function tabsOf(condition: Condition | null, step: TaskStep): string[] {
  const tabs = condition?.tabs ?? ALL_TABS;
  const known = tabs.filter((tab) => NAME.test(tab));
  return known.length ? known : [step.view];
}
