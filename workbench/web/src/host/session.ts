/** Drawn once a page, so that a server never takes two people, or two windows, for one. */
export function pageSession(): string {
  const page = window as unknown as { __musicWorkbenchSession?: string };
  return (page.__musicWorkbenchSession ??= [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join(""));
}
