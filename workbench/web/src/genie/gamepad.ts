/** A gamepad's first eight buttons (faces, then shoulders) are the buttons; its ninth and tenth the pedal. */
import type { ButtonCount } from "./rules.js";

export interface PadReader {
  buttons(): ButtonCount;
  press(source: string, button: number, velocity: number, at: number): void;
  release(source: string, at: number): void;
  pedal(down: boolean, at: number): void;
  visible(): boolean;
}

/** Gamepads tell nothing by themselves: look at them every frame while there is one. */
export function listenToGamepads(hooks: PadReader, signal: AbortSignal): void {
  const down = new Set<string>();
  let polling = false;
  const read = (): void => {
    const pads = [...navigator.getGamepads()].filter((pad) => pad !== null);
    if (signal.aborted || !pads.length) {
      polling = false;
      return;
    }
    const now = performance.now();
    for (const pad of pads) {
      pad.buttons.slice(0, 10).forEach((button, index) => {
        const source = `gamepad:${pad.index}:${index}`;
        const pressed = button.pressed && hooks.visible();
        if (pressed === down.has(source)) return;
        if (pressed) down.add(source);
        else down.delete(source);
        if (index >= 8) hooks.pedal(pressed, now);
        else if (pressed) {
          const analogue = button.value > 0 && button.value < 1;
          hooks.press(source, index % hooks.buttons(), analogue ? Math.round(40 + 80 * button.value) : 90, now);
        } else hooks.release(source, now);
      });
    }
    requestAnimationFrame(read);
  };
  const begin = (): void => {
    if (polling || signal.aborted) return;
    polling = true;
    requestAnimationFrame(read);
  };
  addEventListener("gamepadconnected", begin, { signal });
  if ("getGamepads" in navigator && [...navigator.getGamepads()].some((pad) => pad)) begin();
}
