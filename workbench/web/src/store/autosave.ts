/**
 * The project in the browser's own storage (IndexedDB), so that a reload or a crash loses nothing: the whole piece now
 * and then, and in between the changes made since, a batch a write. Restoring is the piece and then the changes.
 * A tab keeps its project's id in sessionStorage, which survives a reload and is not shared with other tabs; a second
 * tab that finds the project in use works on a copy under a new id.
 */
import type { Change } from "../document/history.js";
import type { Operation } from "../document/operations.js";

export interface SavedProject {
  readonly id: string;
  readonly app: string;
  /** Canonical JSON of the score. */
  readonly score: string;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly undo: readonly Operation[];
  readonly redo: readonly Operation[];
}

/** What is kept of a change. */
export type SavedChange = Pick<Change, "kind" | "operation" | "revision" | "source">;

interface Batch {
  readonly id: string;
  /** Of the first change. */
  readonly revision: number;
  readonly time: number;
  readonly changes: readonly SavedChange[];
}

export interface Restored {
  readonly project: SavedProject;
  /** What was changed since, in order and without a gap. */
  readonly changes: readonly SavedChange[];
}

const DATABASE = "music-workbench";
const VERSION = 2;
const PROJECTS = "projects";
const CHANGES = "changes";
const KEEP = 20;

function asPromise<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("storage"));
  });
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("storage"));
  });
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, VERSION); // throws where a frame forbids storage
  request.onupgradeneeded = () => {
    const { result: database } = request;
    if (!database.objectStoreNames.contains(PROJECTS)) {
      database.createObjectStore(PROJECTS, { keyPath: "id" }).createIndex("app", "app");
    }
    database.createObjectStore(CHANGES, { keyPath: ["id", "revision"] });
  };
  const blocked = new Promise<never>((_, reject) => {
    request.onblocked = () => reject(new Error("a tab of an older version is open"));
  });
  const database = await Promise.race([asPromise(request), blocked]);
  database.onversionchange = () => database.close(); // a newer version, in another tab, must not wait for this one
  return database;
}

/** All batches of one project. */
const batchesOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id], [id, []]);

function tabProject(app: string, id?: string): string | null {
  const key = `${DATABASE}:${app}`;
  try {
    if (id) sessionStorage.setItem(key, id);
    return sessionStorage.getItem(key);
  } catch {
    return id ?? null;
  }
}

/** Take the project for this tab; false if another tab works on it. The lock ends with the tab. */
function claim(id: string): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true); // an insecure origin: nothing to tell tabs apart by
  return new Promise((resolve) => {
    void navigator.locks.request(`${DATABASE}:${id}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock ? new Promise<void>(() => {}) : undefined;
    });
  });
}

/** After a reload the page that was left may hold the lock for another moment. */
async function claimSoon(id: string): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await claim(id)) return true;
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  return false;
}

export class Autosave {
  /** Whether the browser lets us store anything; known after `restore`. */
  blocked = false;
  private database: IDBDatabase | null = null;
  private id: string = crypto.randomUUID?.() ?? `p${Date.now()}${Math.floor(Math.random() * 1e9)}`;

  constructor(private readonly app: string) {}

  /** The project this tab was working on, or else the latest one of this app that no tab has open. */
  async restore(): Promise<Restored | null> {
    try {
      this.database = await openDatabase();
      const store = this.database.transaction(PROJECTS).objectStore(PROJECTS);
      const projects = (await asPromise(store.index("app").getAll(this.app))) as SavedProject[];
      const times = new Map(await Promise.all(projects.map(async (it) => [it.id, await this.lastTime(it)] as const)));
      projects.sort((a, b) => times.get(b.id)! - times.get(a.id)!);
      await this.tidy(projects);
      const mine = tabProject(this.app);
      const own = projects.find((project) => project.id === mine);
      for (const found of own ? [own] : projects.slice(0, 1)) {
        if (await (own ? claimSoon(own.id) : claim(found.id))) this.id = found.id;
        else await claim(this.id); // open in another tab: go on with a copy
        tabProject(this.app, this.id);
        return { project: found, changes: await this.changesOf(found) };
      }
      await claim(this.id);
      tabProject(this.app, this.id);
    } catch {
      this.blocked = true;
    }
    return null;
  }

  /** Whether the restored project stands in the storage under the id of this tab. */
  owns(project: SavedProject): boolean {
    return project.id === this.id;
  }

  /** The whole piece: what was changed before it is contained in it. The writing begins before this returns. */
  save(project: Omit<SavedProject, "id" | "app">): Promise<boolean> {
    return this.write([PROJECTS, CHANGES], (transaction) => {
      transaction.objectStore(PROJECTS).put({ ...project, id: this.id, app: this.app });
      transaction.objectStore(CHANGES).delete(batchesOf(this.id));
    });
  }

  /** What was changed since. The writing begins before this returns. */
  append(changes: readonly SavedChange[]): Promise<boolean> {
    return this.write([CHANGES], (transaction) => {
      const batch: Batch = { id: this.id, revision: changes[0]!.revision, time: Date.now(), changes };
      transaction.objectStore(CHANGES).put(batch);
    });
  }

  /** Transactions that touch the same store are done in the order in which they were begun. */
  private async write(stores: string[], work: (transaction: IDBTransaction) => void): Promise<boolean> {
    if (!this.database || this.blocked) return false;
    try {
      const transaction = this.database.transaction(stores, "readwrite");
      work(transaction);
      await committed(transaction);
      return true;
    } catch {
      this.blocked = true;
      return false;
    }
  }

  private async lastTime(project: SavedProject): Promise<number> {
    const store = this.database!.transaction(CHANGES).objectStore(CHANGES);
    const cursor = await asPromise(store.openCursor(batchesOf(project.id), "prev"));
    return Math.max(project.time, (cursor?.value as Batch | undefined)?.time ?? 0);
  }

  private async changesOf(project: SavedProject): Promise<SavedChange[]> {
    const store = this.database!.transaction(CHANGES).objectStore(CHANGES);
    const batches = (await asPromise(store.getAll(batchesOf(project.id)))) as Batch[];
    const changes: SavedChange[] = [];
    let revision = project.revision;
    for (const change of batches.flatMap((batch) => batch.changes)) {
      if (change.revision !== revision + 1) break;
      changes.push(change);
      revision = change.revision;
    }
    return changes;
  }

  private async tidy(projects: SavedProject[]): Promise<void> {
    if (!this.database || projects.length <= KEEP) return;
    const transaction = this.database.transaction([PROJECTS, CHANGES], "readwrite");
    for (const { id } of projects.slice(KEEP)) {
      transaction.objectStore(PROJECTS).delete(id);
      transaction.objectStore(CHANGES).delete(batchesOf(id));
    }
    await committed(transaction);
  }
}
