/** What every host gives a view: an anywidget-shaped model, and a host with messages and assets on top of it. */

import type { CallReplies } from "./messages.js";

/** The part of anywidget's model that views use; the Gradio bridge gives the same. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: Listener): void;
  off(event: string, listener?: Listener): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Listener = (...args: any[]) => void;

/** A message between page and server; the kinds are listed in `src/README.md`. */
export type Message = { readonly type: string } & { readonly [field: string]: unknown };

export interface Channel {
  /** One way; answers, if any, come as messages of their own. Throws if the server cannot be reached. */
  send(message: Message): void;
  /** Request with a reply; rejects if the server cannot be reached. */
  call(message: Message): Promise<Message>;
  onMessage(listener: (message: Message) => void, signal: AbortSignal): void;
  /** A last message of a page that may be gone in a moment; false if the browser does not take it. */
  leave?(message: Message): boolean;
}

/** One file on the page's media shelf, as the server tells of it. */
export type MediaItem = CallReplies["media"]["items"][number];

export interface UploadOptions {
  /** Called with 0 to 1 as the file goes out. */
  progress?: (share: number) => void;
  /** Stop: nothing of the file stays on the server. */
  signal?: AbortSignal;
}

export interface MediaTransfer {
  /** Send a file to the page's shelf; rejects with one sentence, or with an AbortError after Stop. */
  upload(file: File, options?: UploadOptions): Promise<MediaItem>;
  /** An address for a player or a picture; let go when `signal` aborts. */
  address(item: Pick<MediaItem, "id">, signal: AbortSignal): Promise<string>;
}

export interface Host {
  readonly kind: "gradio" | "jupyter" | "page";
  /** Key of the page's store this view belongs to. */
  readonly app: string;
  readonly model: Model;
  /** null: there is no server (a page by itself). */
  readonly channel: Channel | null;
  /** The way of a person's own files to and from the server; null where there is none. */
  readonly media: MediaTransfer | null;
  /** A file of `public/`, such as `soundfonts/index.json`; rejects with one sentence. */
  asset(name: string): Promise<ArrayBuffer>;
}

/** JSON text or an object, as an object; null for nothing or for text that is no JSON. */
export function readJson(value: unknown): unknown {
  if (typeof value !== "string") return value ?? null;
  if (!value) return null;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

export function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && typeof (value as Message).type === "string";
}

/** A small event hub in the shape of anywidget's `on` and `off`. */
export class Emitter {
  private readonly listeners = new Map<string, Set<Listener>>();

  on(event: string, listener: Listener): void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(listener));
  }

  off(event: string, listener?: Listener): void {
    if (listener) this.listeners.get(event)?.delete(listener);
    else this.listeners.delete(event);
  }

  emit(event: string, ...args: unknown[]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(...args);
  }
}
