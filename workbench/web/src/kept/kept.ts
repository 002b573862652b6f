/** "What is kept about me": shown, downloaded, deleted, and one's mind changed; with the privacy page in plain words. */
import type { ViewContext } from "../host/view.js";
import { plural, t, type StringKey } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { confirmation } from "../study/dialog.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import { KeptDesk, type Status } from "./desk.js";
import style from "./kept.css";

export interface Study {
  /** Take part no more. */
  withdraw(): Promise<void>;
  /** Whom to ask; empty where nobody is named. */
  contact(): string;
}

/** `study`: the study that this page belongs to; null on an ordinary page, where one may help research. */
export function mountKept(context: ViewContext, study: Study | null): { element: HTMLDialogElement; open: () => void } {
  addStyle(context.root, style);
  const desk = new KeptDesk(context);
  const news = h("p", { class: "news", role: "status", hidden: true });
  const body = h("div", { class: "body" });
  const privacy = h("div", { class: "privacy" });
  const close = button({ label: t("kept.close"), icon: "close", onclick: () => dialog.close() });
  const dialog = h("dialog", { class: "kept", "aria-labelledby": "kept-title" },
    h("header", {}, h("h1", { id: "kept-title", tabindex: "-1" }, t("kept.title")), close), news, body, privacy);

  const tell = (text: string, bad = false): void => {
    news.textContent = text;
    news.hidden = !text;
    news.classList.toggle("bad", bad);
  };
  async function attempt(work: () => Promise<string | void>): Promise<void> {
    try {
      tell((await work()) ?? "");
    } catch (error) {
      tell(sentenceOf(error), true);
    }
  }
  const refresh = async (): Promise<void> => body.replaceChildren(...face(await desk.status()));

  function face(status: Status): HTMLElement[] {
    const listed = h("div", { class: "listed", hidden: true });
    const about = h("p", { class: "about" }, status.count ? plural("kept.count", status.count) : t("kept.nothing"));
    const show = button({ label: t("kept.show"), icon: "list", text: true, kind: "outlined", onclick: () => void attempt(async () => {
      const { statements } = await desk.mine();
      listed.replaceChildren(h("p", { class: "soft" }, t("kept.shown")), h("ul", {}, statements.map((line) => h("li", {}, line))));
      listed.hidden = false;
    }) });
    const save = button({ label: t("kept.download"), icon: "down", text: true, kind: "outlined", onclick: () => void attempt(async () => {
      const { name, url } = await desk.download();
      h("a", { href: url, download: name }).click();
      if (url.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }) });
    const remove = button({ label: t("kept.delete"), icon: "trash", text: true, kind: "danger", onclick: () => confirmation(dialog, {
      title: t("kept.deleteTitle"), text: t("kept.deleteText"), yes: t("kept.deleteYes"), no: t("kept.deleteNo"),
      act: () => void attempt(async () => {
        await desk.remove();
        await refresh();
        return t("kept.deleted");
      }),
    }) });
    remove.classList.add("outlined");
    const own = status.count ? [h("div", { class: "row" }, show, save, remove), listed] : [];
    if (study) return [section(about, ...own, status.agreed ? leave(study) : null)];
    if (!status.offered) return [section(h("p", { class: "about" }, t("kept.nowhere")))];
    return [section(about, ...own), help(status)];
  }

  function leave(from: Study): HTMLElement {
    return button({ label: t("kept.withdraw"), kind: "quiet", onclick: () => confirmation(dialog, {
      title: t("study.stopTitle"), text: t("study.stopText"), yes: t("study.stopYes"), no: t("study.stopNo"),
      act: () => {
        dialog.close();
        void from.withdraw();
      },
    }) });
  }

  function help(status: Status): HTMLElement {
    const box = h("input", { type: "checkbox", checked: status.agreed, onchange: () => void attempt(async () => {
      const agreed = box.checked;
      try {
        await desk.agree(agreed);
      } catch (error) {
        box.checked = !agreed;
        throw error;
      }
      await refresh();
      return t(agreed ? "kept.helpThanks" : "kept.helpOff");
    }) });
    return section(h("h2", {}, t("kept.help")), h("p", {}, t("kept.helpLead")), h("label", { class: "switch" }, box, h("span", {}, t("kept.helpOn"))));
  }

  return {
    element: dialog,
    open() {
      tell("");
      body.replaceChildren();
      privacy.replaceChildren(...privacyWords(study?.contact() ?? ""));
      dialog.showModal();
      dialog.querySelector<HTMLElement>("h1")?.focus();
      void attempt(refresh);
    },
  };
}

const section = (...children: (HTMLElement | null)[]): HTMLElement => h("section", { class: "wb-card" }, children);

const PARTS = ["inBrowser", "onServer", "forResearch", "yourSay"] as const;

function privacyWords(contact: string): HTMLElement[] {
  return [
    h("h2", {}, t("kept.privacyTitle")),
    ...PARTS.map((part) => h("section", {}, h("h3", {}, t(`kept.${part}` as StringKey)), h("p", {}, t(`kept.${part}Text` as StringKey)))),
    h("section", {}, h("h3", {}, t("kept.ask")), h("p", {}, contact ? t("kept.askText", { contact }) : t("kept.askNobody"))),
  ];
}
