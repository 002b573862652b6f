/** A table in which every cell can be edited: the shape of all lists in the list view. */
import { h } from "../ui/dom.js";
import { button } from "../ui/controls.js";
import { t } from "../strings/index.js";

export interface Column<R> {
  readonly label: string;
  /** Choices make a select; otherwise a number or a text is typed. */
  readonly options?: readonly (readonly [string, string])[];
  readonly type?: "number" | "text";
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | "any";
  get(row: R): string | number;
  /** Apply a new value; false (or a thrown sentence shown by the caller) puts the old one back. */
  set(row: R, value: string): boolean;
}

export interface TableOptions<R> {
  readonly label: string;
  readonly columns: readonly Column<R>[];
  rows(): readonly R[];
  key(row: R): string;
  remove(row: R): void;
  add(): void;
  readonly addLabel: string;
  /** Called when a row takes the focus: sound it. */
  onfocus?(row: R): void;
}

const PAGE = 100;

/** Builds the table; call `update` when the rows may have changed. */
export function makeTable<R>(options: TableOptions<R>): { element: HTMLElement; update(): void } {
  let page = 0;
  const body = h("tbody");
  const pages = h("span", { class: "pages", role: "status" });
  const turn = (by: number): void => {
    page += by;
    update();
  };
  const before = button({ label: t("list.before"), icon: "left", onclick: () => turn(-1) });
  const after = button({ label: t("list.after"), icon: "right", onclick: () => turn(1) });
  const element = h("section", { class: "table", "aria-label": options.label },
    h("h3", {}, options.label),
    h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, h("tr", {}, options.columns.map((column) => h("th", { scope: "col" }, column.label)),
        h("th", { scope: "col" }, h("span", { class: "wb-spoken" }, t("list.remove"))))),
      body)),
    h("div", { class: "foot" }, button({ label: options.addLabel, icon: "plus", text: true, onclick: options.add }),
      h("span", { class: "pager" }, before, pages, after)));

  function cell(row: R, column: Column<R>): HTMLTableCellElement {
    const now = String(column.get(row));
    const shared = { "aria-label": column.label, "data-column": column.label };
    const commit = (input: HTMLInputElement | HTMLSelectElement): void => {
      if (input.value !== now && !column.set(row, input.value)) input.value = now;
    };
    if (column.options) {
      const select = h("select", { ...shared, onchange: () => commit(select) },
        column.options.map(([value, text]) => h("option", { value }, text)));
      if (!column.options.some(([value]) => value === now)) select.append(h("option", { value: now }, now));
      select.value = now;
      return h("td", {}, select);
    }
    const input = h("input", {
      ...shared, type: column.type ?? "number", value: now, min: column.min, max: column.max, step: column.step ?? 1,
      onchange: () => commit(input) });
    return h("td", {}, input);
  }

  function update(): void {
    const rows = options.rows();
    const last = Math.max(0, Math.ceil(rows.length / PAGE) - 1);
    page = Math.min(Math.max(0, page), last);
    const active = (body.getRootNode() as ShadowRoot).activeElement;
    const place = active && body.contains(active)
      ? [active.closest("tr")!.dataset["key"], active.getAttribute("data-column")] : null;
    body.replaceChildren(...rows.slice(page * PAGE, (page + 1) * PAGE).map((row) => h("tr", {
      "data-key": options.key(row), onfocusin: () => options.onfocus?.(row),
    }, options.columns.map((column) => cell(row, column)),
    h("td", {}, button({ label: t("list.remove"), icon: "trash", kind: "quiet", onclick: () => options.remove(row) })))));
    if (place) {
      const row = [...body.rows].find((item) => item.dataset["key"] === place[0]);
      const next = row?.querySelector<HTMLElement>(`[data-column="${CSS.escape(place[1] ?? "")}"]`)
        ?? row?.querySelector<HTMLElement>("button");
      next?.focus();
    }
    pages.textContent = last ? t("list.page", { page: page + 1, pages: last + 1 }) : "";
    before.hidden = after.hidden = last === 0;
    before.disabled = page === 0;
    after.disabled = page === last;
  }
  return { element, update };
}
