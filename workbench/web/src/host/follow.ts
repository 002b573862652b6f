/** Where the keyboard goes when a view leads to another tab: to that tab, since what was focused is no longer there. */
const PATIENCE_MS = 4_000;

const chosen = (): HTMLElement | null => document.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]');

/** Follow the ways that lead out of `el` (`wb-go`) until `signal` aborts. Whoever has gone elsewhere meanwhile is left there. */
export function followDoors(el: HTMLElement, signal: AbortSignal): void {
  el.addEventListener("wb-go", () => {
    const from = chosen(), until = performance.now() + PATIENCE_MS;
    const look = (): void => {
      const tab = chosen(), lost = !document.activeElement || document.activeElement === document.body;
      if (tab && tab !== from && lost) tab.focus({ preventScroll: true });
      else if (performance.now() < until && !signal.aborted) setTimeout(look, 50);
    };
    look();
  }, { signal });
}
