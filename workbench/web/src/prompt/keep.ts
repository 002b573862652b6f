/**
 * What was understood, in the browser's own storage: a server that was started anew, or a tab that was closed half-way,
 * loses nothing. Where a frame forbids storage the page works all the same.
 */
const DATABASE = "music-workbench-prompts";
const KEPT = "kept";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1); // throws where a frame forbids storage
    request.onupgradeneeded = () => request.result.createObjectStore(KEPT);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("storage"));
  });
}

async function withStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
  try {
    const database = await open();
    try {
      return await new Promise<T>((resolve, reject) => {
        const request = work(database.transaction(KEPT, mode).objectStore(KEPT));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error("storage"));
      });
    } finally {
      database.close();
    }
  } catch {
    return null; // nothing can be kept here
  }
}

/** Keep the state of an app's page; null forgets it. */
export async function keepState(app: string, state: unknown): Promise<void> {
  await withStore("readwrite", (store) => (state === null ? store.delete(app) : store.put(state, app)) as IDBRequest<unknown>);
}

/** What was kept; null where there is nothing. */
export function keptState(app: string): Promise<unknown> {
  return withStore("readonly", (store) => store.get(app));
}
