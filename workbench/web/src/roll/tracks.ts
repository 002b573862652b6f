/** The list of tracks: which one is edited, mute, solo; the edited one opens its settings. */
import { addTrack, moveTrack, removeTrack, setTrack } from "../document/edits.js";
import { hearAs, soundOf } from "../document/recorded.js";
import { freshIds, makeTrack, type Track, type TrackFields } from "../document/types.js";
import { plural, t, type StringKey } from "../strings/index.js";
import { button, setPressed, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { freeColor, shapeIcon } from "../ui/palette.js";
import { programName, trackName } from "./speech.js";
import { attempt, currentTrack, score, styleOf, type RollState } from "./state.js";

export interface TrackList { readonly element: HTMLElement; update(): void }

/** The 128 instruments by family. */
function instrumentGroups(): HTMLOptGroupElement[] {
  return Array.from({ length: 16 }, (_, family) => h("optgroup", { label: t(`family.${family}` as StringKey) },
    Array.from({ length: 8 }, (_, i) => h("option", { value: family * 8 + i }, t(`program.${family * 8 + i}` as StringKey)))));
}

export function panWords(pan: number): string {
  const share = Math.round((Math.abs(pan - 64) / 63) * 100);
  if (!share) return t("track.middle");
  return t(pan < 64 ? "track.panLeft" : "track.panRight", { count: share });
}

export function makeTrackList(state: RollState): TrackList {
  const { store } = state.context;
  const rows = h("ul", { class: "rows" });
  const element = h("section", { class: "tracklist", "aria-label": t("roll.tracks") }, rows,
    h("div", { class: "add" },
      button({ label: t("track.add"), icon: "plus", text: true, onclick: () => add(false) }),
      button({ label: t("track.addDrums"), icon: "plus", text: true, kind: "quiet", onclick: () => add(true) })));
  let shown = "";

  const set = (track: Track, settings: Partial<TrackFields>): void =>
    void attempt(state, () => store.edit(setTrack(score(state), track.id, settings)));

  function add(isDrum: boolean): void {
    const [id] = freshIds(score(state).tracks.map((track) => track.id), "t", 1);
    const color = freeColor(score(state).tracks.map((track) => track.color));
    if (attempt(state, () => store.edit(addTrack(score(state), makeTrack(id!, { color, is_drum: isDrum }))))) {
      store.setView({ track: id!, selection: new Set() });
    }
  }

  const toggle = (track: Track, field: "mute" | "solo" | "locked", label: StringKey, letter: string): HTMLButtonElement =>
    h("button", {
      type: "button", class: `wb-button letter ${field}`, "aria-pressed": String(track[field]), "data-field": field,
      "aria-label": t(label, { name: trackName(track, score(state)) }), title: t(label, { name: trackName(track, score(state)) }),
      onclick: () => set(find(track.id), { [field]: !find(track.id)[field] }),
    }, letter);

  const find = (id: string): Track => score(state).tracks.find((track) => track.id === id)!;

  /** Between the recording behind a track and an instrument that plays its notes. */
  const recorded = (track: Track, heard: boolean): HTMLButtonElement => {
    const label = t("track.recorded", { name: trackName(track, score(state)) });
    return h("button", {
      type: "button", class: "wb-button letter recorded", "aria-pressed": String(heard), "aria-label": label, title: label,
      onclick: () => void attempt(state, () => store.edit(hearAs(score(state), track.id, !heard))),
    }, "R");
  };

  function row(track: Track): HTMLLIElement {
    const sound = soundOf(score(state), track.id);
    const style = styleOf(state, track);
    const current = track.id === currentTrack(state)?.id;
    const title = trackName(track, score(state)), saysMore = title !== programName(track);
    const badge = h("span", { class: "badge", style: `background:${style.fill};color:${style.on}` },
      shapeIcon(style.shape) as unknown as Node);
    const name = h("button", {
      type: "button", class: "name", "aria-pressed": String(current),
      onclick: () => store.setView({ track: track.id, selection: new Set() }),
    }, badge, h("span", { class: "names" }, h("span", { class: "title" }, title),
      h("span", { class: "sub" }, sound?.heard ? t("track.asRecorded") : saysMore ? programName(track) : plural("track.notes", track.notes.size))));
    return h("li", { class: current ? "current" : "", "data-track": track.id },
      h("div", { class: "line" }, name, sound ? recorded(track, sound.heard) : null, toggle(track, "mute", "track.mute", "M"), toggle(track, "solo", "track.solo", "S")),
      current ? settings(track) : null);
  }

  function settings(track: Track): HTMLElement {
    const { id } = track;
    const title = h("input", {
      type: "text", value: track.name.trim() && trackName(track, score(state)), maxlength: 60, placeholder: programName(track), "aria-label": t("track.name"),
      onchange: () => set(find(id), { name: title.value.trim() }) });
    const instrument = h("select", {
      "aria-label": t("track.instrument"), onchange: () => set(find(id), { program: Number(instrument.value) }),
    }, track.is_drum ? h("option", { value: track.program }, t("track.drums")) : instrumentGroups());
    instrument.value = String(track.program);
    const percent = (value: number): string => t("track.percent", { count: Math.round((value / 127) * 100) });
    return h("div", { class: "settings", role: "group", "aria-label": t("track.settings", { name: trackName(track, score(state)) }) },
      title, instrument,
      slider({ label: t("track.volume"), min: 0, max: 127, value: track.volume, say: percent,
        onchange: (value) => set(find(id), { volume: value }) }),
      slider({ label: t("track.pan"), min: 1, max: 127, value: Math.max(1, track.pan), say: panWords,
        ends: [t("track.left"), t("track.right")], onchange: (value) => set(find(id), { pan: value }) }),
      slider({ label: t("track.room"), min: 0, max: 127, value: track.room, say: percent,
        onchange: (value) => set(find(id), { room: value }) }),
      h("div", { class: "actions" },
        button({ label: t("track.up"), icon: "up", onclick: () => move(id, -1) }),
        button({ label: t("track.down"), icon: "down", onclick: () => move(id, 1) }),
        button({ label: t("track.lock", { name: trackName(track, score(state)) }), icon: "lock", pressed: track.locked,
          onclick: () => set(find(id), { locked: !find(id).locked }) }),
        button({ label: t("track.remove"), icon: "trash", kind: "danger",
          onclick: () => attempt(state, () => store.edit(removeTrack(score(state), id))) })));
  }

  function move(id: string, by: number): void {
    const place = score(state).tracks.indexOf(find(id)) + by;
    if (place < 0 || place >= score(state).tracks.length) return;
    attempt(state, () => store.edit(moveTrack(score(state), id, place)));
  }

  return {
    element,
    update() {
      const current = currentTrack(state)?.id ?? "";
      const theme = state.context.root.dataset["theme"];
      const signature = JSON.stringify([current, theme, score(state).tracks.map((track) => [
        track.id, track.name, track.program, track.is_drum, track.color, track.volume, track.pan, track.room,
        track.mute, track.solo, track.locked, soundOf(score(state), track.id)?.heard, trackName(track, score(state)) === programName(track) ? track.notes.size : 0])]);
      if (signature === shown) return;
      shown = signature;
      const focus = (rows.getRootNode() as ShadowRoot).activeElement as HTMLElement | null;
      const inside = focus && rows.contains(focus) ? focus : null;
      const place = inside ? pathOf(inside) : null;
      rows.replaceChildren(...score(state).tracks.map(row));
      if (place) atPath(rows, place)?.focus();
      for (const item of rows.querySelectorAll<HTMLElement>("[data-field]")) {
        const track = find(item.closest<HTMLElement>("[data-track]")!.dataset["track"]!);
        setPressed(item, track[item.dataset["field"] as "mute"]);
      }
    },
  };

  /** Where the focus was, so that rebuilding the list does not lose it. */
  function pathOf(node: HTMLElement): number[] {
    const path: number[] = [];
    for (let item: Element = node; item !== rows; item = item.parentElement!) {
      path.unshift([...item.parentElement!.children].indexOf(item));
    }
    return path;
  }
}

function atPath(root: Element, path: readonly number[]): HTMLElement | null {
  let item: Element | undefined = root;
  for (const place of path) item = item?.children[place];
  return item instanceof HTMLElement ? item : null;
}
