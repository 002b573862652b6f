/** Whose a recording is, as the person who uses it says: asked beside what is done with it, never a hurdle. */
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";
import { choice } from "../ui/controls.js";

const ANSWERS = ["not-said", "mine", "licensed", "public-domain"] as const;
type Answer = (typeof ANSWERS)[number];

export interface Whose {
  readonly element: HTMLElement;
  /** Goes into the piece's record with the recording that it was made from; to be called when it is. */
  tell(): Promise<void>;
}

export function makeWhose(store: Pick<Store, "call">, media: string): Whose {
  let answer: Answer = "not-said";
  const element = choice<Answer>({
    label: t("prompt.rights"), value: answer, onchange: (value) => (answer = value),
    options: ANSWERS.map((name) => [name, t(name === "not-said" ? "prompt.rights.none" : `prompt.rights.${name}`)] as const),
  });
  return {
    element,
    async tell() {
      if (answer !== "not-said") await store.call({ type: "media.rights", id: media, rights: answer });
    },
  };
}
