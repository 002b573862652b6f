/** The English catalogue: one file a view in `en/`. Other languages are objects with the same keys. */
import { sound } from "./en/sound.js";

export const en = { ...sound } as const;
