interface Sessions {
  __musicWorkbenchSession?: string;
  __musicWorkbenchFormerSession?: string;
}

const KEY = "music-workbench:session";

/** Drawn once a page, so that a server never takes two people, or two windows, for one. */
export function pageSession(): string {
  const page = window as unknown as Sessions;
  if (page.__musicWorkbenchSession === undefined) {
    page.__musicWorkbenchSession = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    page.__musicWorkbenchFormerSession = remember(page.__musicWorkbenchSession);
  }
  return page.__musicWorkbenchSession;
}

/** What this page was called before it was reloaded; empty if it was not. A copy of a tab is a page of its own. */
export function formerSession(): string {
  pageSession();
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return navigation?.type === "reload" ? (window as unknown as Sessions).__musicWorkbenchFormerSession ?? "" : "";
}

function remember(session: string): string {
  try {
    const former = sessionStorage.getItem(KEY) ?? "";
    sessionStorage.setItem(KEY, session);
    return former;
  } catch {
    return ""; // a frame that forbids storage: its log begins anew with each reload
  }
}
