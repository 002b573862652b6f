/**
 * The project in the browser's own storage (IndexedDB), so that a reload or a crash loses nothing.
 * One record a project. A tab keeps its project's id in sessionStorage, which survives a reload and is not shared
 * with other tabs; a second tab that finds the project in use works on a copy under a new id.
 */
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

const DATABASE = "music-workbench";
const PROJECTS = "projects";
const KEEP = 20;

function asPromise<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("storage"));
  });
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1); // throws where a frame forbids storage
  request.onupgradeneeded = () => {
    request.result.createObjectStore(PROJECTS, { keyPath: "id" }).createIndex("app", "app");
  };
  return asPromise(request);
}

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
  async restore(): Promise<SavedProject | null> {
    try {
      this.database = await openDatabase();
      const store = this.database.transaction(PROJECTS).objectStore(PROJECTS);
      const projects = (await asPromise(store.index("app").getAll(this.app))) as SavedProject[];
      projects.sort((a, b) => b.time - a.time);
      await this.tidy(projects);
      const mine = tabProject(this.app);
      const own = projects.find((project) => project.id === mine);
      for (const found of own ? [own] : projects.slice(0, 1)) {
        if (await (own ? claimSoon(own.id) : claim(found.id))) this.id = found.id;
        else await claim(this.id); // open in another tab: go on with a copy
        tabProject(this.app, this.id);
        return found;
      }
      await claim(this.id);
      tabProject(this.app, this.id);
    } catch {
      this.blocked = true;
    }
    return null;
  }

  async save(project: Omit<SavedProject, "id" | "app">): Promise<boolean> {
    if (!this.database) return false;
    try {
      const transaction = this.database.transaction(PROJECTS, "readwrite");
      await asPromise(transaction.objectStore(PROJECTS).put({ ...project, id: this.id, app: this.app }));
      return true;
    } catch {
      this.blocked = true;
      return false;
    }
  }

  private async tidy(projects: SavedProject[]): Promise<void> {
    if (!this.database || projects.length <= KEEP) return;
    const store = this.database.transaction(PROJECTS, "readwrite").objectStore(PROJECTS);
    await Promise.all(projects.slice(KEEP).map((project) => asPromise(store.delete(project.id))));
  }
}
