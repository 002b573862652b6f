/**
 * Who writes into the interaction log that others keep: what a browser shows with every `log_` message, and where it
 * learns that it writes. Nothing is drawn or stored here before the person agrees.
 */
import type { Message } from "./model.js";

export interface Session {
  readonly session: string;
  readonly key: string;
}

/** What an answer says of the log: from which number on nothing is kept yet, and which is taken next. */
export interface Told extends Session {
  readonly next: number;
  readonly taken: number;
}

const WHO = "music-workbench:person";
/** The version of the words that this browser's person has agreed to on a public page. */
export const AGREED = "music-workbench:research";
/** A news event of the window, because every bundle of a page has its own copy of this file. */
const NEWS = "wb-log";

/** By the app of a page: in a notebook every document is one. */
interface Shared { __musicWorkbenchLog?: Record<string, Session | null> }

export function setSession(app: string, session: Session | null): void {
  ((window as unknown as Shared).__musicWorkbenchLog ??= {})[app] = session;
}

/** A message of the log says who sends it; the key that tells a browser is drawn when its person agrees. */
export function signedBy(message: Message, app: string): Message {
  if (!message.type.startsWith("log_")) return message;
  const shared = (window as unknown as Shared).__musicWorkbenchLog?.[app];
  const who = browserKey(message.type === "log_consent" && message["agreed"] === true);
  return {
    ...(shared ? { log_session: shared.session, log_key: shared.key } : {}), ...(who ? { who } : {}), ...message,
  };
}

interface Stores { __musicWorkbench?: { stores: Record<string, { readonly studyLog?: { flush(): Promise<void> } } | undefined> } }

/** A step of a study may end the log: what was done before it goes first. */
export async function beforehand(message: Message, app: string): Promise<void> {
  if (message.type.startsWith("study_")) await (window as unknown as Stores).__musicWorkbench?.stores[app]?.studyLog?.flush();
}

/** An answer may say that this page writes now, or no more; a browser remembers to which words its person agreed. */
export function heard(reply: Message, app: string): Message {
  if (reply.type === "log_consent") keep(local, AGREED, reply["agreed"] === true ? reply["version"] : null);
  if (reply.type === "log_delete") keep(local, AGREED, null);
  if ("log" in reply) window.dispatchEvent(new CustomEvent(NEWS, { detail: { app, log: reply["log"] } }));
  return reply;
}

export function onNews(app: string, listener: (told: Told | null) => void): void {
  window.addEventListener(NEWS, (event) => {
    const news = (event as CustomEvent<{ app: string; log: Partial<Told> | null }>).detail;
    if (news.app !== app) return;
    const told = news.log;
    listener(told && typeof told.session === "string" && typeof told.key === "string" ? (told as Told) : null);
  });
}

let drawn = "";

function browserKey(draw: boolean): string {
  const known = stored(local, WHO) ?? drawn;
  if (typeof known === "string" && known) return known;
  if (!draw) return "";
  drawn = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  keep(local, WHO, drawn);
  return drawn;
}

type Place = () => Storage; // asking for it fails where a frame forbids storage
export const perTab: Place = () => sessionStorage;
export const local: Place = () => localStorage;

export function stored(place: Place, name: string): unknown {
  try {
    return JSON.parse(place().getItem(name) ?? "null");
  } catch {
    return null;
  }
}

export function keep(place: Place, name: string, value: unknown): void {
  try {
    if (value === null || value === undefined) place().removeItem(name);
    else place().setItem(name, JSON.stringify(value));
  } catch {
    // it lives as long as the page
  }
}
