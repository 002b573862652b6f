/** A band in a person's own words: what they come to, and what nothing was made of, is said before it is made. */
import type { Reply, Store } from "../store/store.js";
import { t, type StringKey } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { h } from "../ui/dom.js";

const DRUMS = 128;

export interface BandWords {
  readonly element: HTMLElement;
  /** As they stand in the field; "" where the style is chosen by its name. */
  readonly text: string;
  /** What they came to; null without words. */
  readonly band: Reply<"voiceband.words"> | null;
  /** The same in sentences. */
  readonly said: string;
  /** What stands in the field has been read; false where no band could be made of it. */
  ready(): Promise<boolean>;
  /** No words any more. */
  clear(): void;
}

/** An instrument by its program, 128 for drums. */
const instrument = (program: number): string => (program === DRUMS ? t("track.drums") : t(`program.${program}` as StringKey));

/** `changed`: other words were read; `trouble`: why they name no band, or "". */
export function makeBandWords(store: Store, changed: (trouble: string) => void): BandWords {
  let band: Reply<"voiceband.words"> | null = null, read = "", asked = 0;
  const field = h("input", {
    type: "text", maxlength: 300, placeholder: t("bandmaker.wordsExample"), onchange: () => void ask(),
    onkeydown: (event: KeyboardEvent) => event.key === "Enter" && void ask(),
  });

  async function ask(): Promise<boolean> {
    const text = field.value.trim(), own = ++asked;
    if (text === read) return true;
    try {
      const reply = text ? await store.call({ type: "voiceband.words", words: text }) : null;
      if (own !== asked) return false;
      [band, read] = [reply, text];
      changed("");
      return true;
    } catch (error) {
      if (own !== asked) return false;
      [band, read] = [null, ""];
      changed(sentenceOf(error));
      return false;
    }
  }

  return {
    element: h("label", { class: "or-words" }, h("span", {}, t("bandmaker.words")), field),
    get text() {
      return read;
    },
    get band() {
      return band;
    },
    get said() {
      if (!band) return "";
      const lost = band.not_understood;
      return [t("bandmaker.understood", { style: band.title, parts: band.parts.join(", ") }),
        ...(band.missing.length ? [t("bandmaker.missing", { style: band.title, parts: band.missing.map(instrument).join(", ") })] : []),
        ...(band.sung.length ? [t("bandmaker.sung", { what: band.sung.map((name) => t(`bandmaker.sung.${name}`)).join(", ") })] : []),
        ...band.remarks,
        ...(lost.length ? [t("bandmaker.notUnderstood", { words: lost.join(", ") })] : [])].join(" ");
    },
    ready: ask,
    clear() {
      asked += 1;
      [field.value, read, band] = ["", "", null];
    },
  };
}
