/** The English catalogue: one file a view in `en/`. Other languages are objects with the same keys. */
import { apart } from "./en/apart.js";
import { bandmaker } from "./en/bandmaker.js";
import { common } from "./en/common.js";
import { fill } from "./en/fill.js";
import { genie } from "./en/genie.js";
import { home } from "./en/home.js";
import { instruments } from "./en/instruments.js";
import { join } from "./en/join.js";
import { listen } from "./en/listen.js";
import { kept } from "./en/kept.js";
import { list } from "./en/list.js";
import { media } from "./en/media.js";
import { models } from "./en/models.js";
import { notebook } from "./en/notebook.js";
import { maker } from "./en/maker.js";
import { plan } from "./en/plan.js";
import { prompt } from "./en/prompt.js";
import { promptCards } from "./en/prompt_cards.js";
import { replay } from "./en/replay.js";
import { roll } from "./en/roll.js";
import { sheet } from "./en/sheet.js";
import { sound } from "./en/sound.js";
import { stems } from "./en/stems.js";
import { study } from "./en/study.js";
import { studylog } from "./en/studylog.js";
import { ways } from "./en/ways.js";

export const en = { ...apart, ...bandmaker, ...common, ...fill, ...genie, ...home, ...instruments, ...join, ...kept, ...media, ...models, ...list, ...listen, ...notebook, ...maker, ...plan, ...prompt, ...promptCards, ...replay, ...roll, ...sheet, ...sound, ...stems, ...studylog, ...study, ...ways } as const;
