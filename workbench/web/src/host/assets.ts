/** Files of `public/`, wherever they come from; each is fetched once a page and kept. */

export type AssetLoader = (name: string) => Promise<ArrayBuffer>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*(\/[A-Za-z0-9][A-Za-z0-9_.-]*)*$/;

/** The same loader with a memory: two views asking for one file cause one request; a failure is not kept. */
export function remember(load: AssetLoader): AssetLoader {
  const known = new Map<string, Promise<ArrayBuffer>>();
  return (name) => {
    if (!NAME.test(name)) return Promise.reject(new Error(`'${name.slice(0, 60)}' is not the name of a file here.`));
    let found = known.get(name);
    if (!found) {
      found = load(name);
      known.set(name, found);
      found.catch(() => known.delete(name));
    }
    return found;
  };
}

/** Assets below a static folder of the app's own server. */
export function fetchFrom(base: string): AssetLoader {
  return async (name) => {
    let answer: Response;
    try {
      answer = await fetch(`${base}/${name}`);
    } catch {
      throw new Error(`The file ${name} could not be loaded: the server does not answer. Try again in a moment.`);
    }
    if (!answer.ok) throw new Error(`The file ${name} could not be loaded (${answer.status}). Reload the page.`);
    return answer.arrayBuffer();
  };
}

export const asText = (data: ArrayBuffer): string => new TextDecoder().decode(data);

/** Import a bundle that came as bytes (works where modules have no address, as in Jupyter). */
export async function importBytes(data: ArrayBuffer): Promise<Record<string, unknown>> {
  const url = URL.createObjectURL(new Blob([data], { type: "text/javascript" }));
  try {
    return (await import(/* @vite-ignore */ url)) as Record<string, unknown>;
  } finally {
    URL.revokeObjectURL(url);
  }
}
