/** What a person tends to keep: learnt only when asked, kept in this browser, said in sentences, struck out, forgotten. */
import type { Json } from "../host/messages.js";
import type { ViewContext } from "../host/view.js";
import type { Reply } from "../store/store.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Idea } from "./idea.js";

const KEY = "wb-taste";

export interface Taste {
  readonly element: HTMLElement;
  /** The ideas, the likeliest to be kept first; as they came where nothing is learnt. */
  rank(ideas: Idea[]): Promise<Idea[]>;
  kept(idea: Idea, offered: readonly Idea[]): Promise<void>;
}

export function makeTaste({ store }: ViewContext): Taste {
  let taste: Json | null = read();
  const news = h("p", { role: "status" });
  const list = h("ul");
  const learn = h("input", { type: "checkbox", checked: taste !== null });
  const forget = button({ label: t("taste.forget"), icon: "trash", text: true, kind: "quiet", onclick: () => {
    remember(null);
    show(null, t("taste.forgotten"));
  } });
  const element = h("details", { class: "taste" }, h("summary", {}, t("taste.title")),
    h("label", {}, learn, t("taste.learn")), h("p", {}, t("taste.why")), list, news, forget);

  function remember(next: Json | null): void {
    taste = next;
    try {
      if (next) localStorage.setItem(KEY, JSON.stringify(next));
      else localStorage.removeItem(KEY);
    } catch {
      // storage is forbidden in some frames: then it lasts as long as the page
    }
  }
  function strike(sentence: string, trait: string): HTMLElement {
    const element = button({ label: t("taste.strikeShort"), text: true, kind: "quiet", onclick: () => void ask({ strike: trait }) });
    element.setAttribute("aria-label", t("taste.strike", { sentence }));
    return element;
  }
  function show(reply: Reply<"taste"> | null, text = ""): void {
    learn.checked = taste !== null;
    forget.hidden = taste === null;
    list.replaceChildren(...(reply?.statements ?? []).map(({ trait, sentence }) => h("li", {}, h("span", {}, sentence),
      strike(sentence, trait))));
    news.textContent = text || (reply && !reply.statements.length ? t("taste.nothing") : "");
  }
  async function ask(more: { offered?: readonly Json[]; kept?: number; strike?: string }): Promise<Reply<"taste"> | null> {
    try {
      const reply = await store.call({ type: "taste", taste, ...more });
      remember(reply.taste);
      show(reply);
      return reply;
    } catch (error) {
      show(null, sentenceOf(error));
      return null;
    }
  }
  learn.addEventListener("change", () => {
    if (learn.checked) void ask({});
    else {
      remember(null);
      show(null, t("taste.forgotten"));
    }
  });
  element.addEventListener("toggle", () => void (element.open && taste && ask({})));
  show(null);

  return {
    element,
    async rank(ideas) {
      if (taste === null || ideas.length < 2) return ideas;
      const reply = await ask({ offered: ideas.map((idea) => idea.traits) });
      return reply ? reply.order.map((place) => ideas[place]!).filter(Boolean) : ideas;
    },
    async kept(idea, offered) {
      if (taste === null) return;
      await ask({ offered: offered.map((item) => item.traits), kept: offered.indexOf(idea) });
    },
  };
}

function read(): Json | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") as Json | null;
  } catch {
    return null;
  }
}
