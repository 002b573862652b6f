/** What of the interaction log has not been kept yet, in the browser's own storage: it outlives a closed tab. */
import type { Session } from "../host/writer.js";

/** One thing that a person or a model did: its number on this page, and when it was (milliseconds since 1970). */
export interface Entry {
  readonly c: number;
  readonly time: number;
  readonly kind: string;
  readonly source: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Held extends Session {
  readonly entries: readonly Entry[];
  /** Events of the session that the page has heard of, and how many of its own were among them. */
  readonly seen: number;
  readonly seenTaken: number;
  /** When it was written. */
  readonly time: number;
}

const DATABASE = "music-workbench-log";
const STORE = "held";

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("storage"));
  });
}

/** Nothing here ever fails: where a browser forbids storage, what is held lives as long as its page. */
export class LogShelf {
  private database: Promise<IDBDatabase> | null = null;

  private open(): Promise<IDBDatabase> {
    return (this.database ??= (async () => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "session" });
      return done(request);
    })());
  }

  async put(held: Held): Promise<void> {
    await this.quietly(async (store) => void (await done(store.put(held))), "readwrite");
  }

  async drop(session: string): Promise<void> {
    await this.quietly(async (store) => void (await done(store.delete(session))), "readwrite");
  }

  async all(): Promise<Held[]> {
    let found: Held[] = [];
    await this.quietly(async (store) => void (found = (await done(store.getAll())) as Held[]), "readonly");
    return found;
  }

  private async quietly(work: (store: IDBObjectStore) => Promise<void>, mode: IDBTransactionMode): Promise<void> {
    try {
      await work((await this.open()).transaction(STORE, mode).objectStore(STORE));
    } catch {
      // see above
    }
  }
}
