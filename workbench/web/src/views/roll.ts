/** The piano roll as a view of its own. */
import { defineView } from "../host/view.js";
import { roll } from "../roll/roll.js";

/** The context carries the roll, so that a page (and a test) can ask it where things are. */
const view = defineView("roll", (context) => void Object.assign(context, { roll: roll(context) }));
export default view;
export const { mountGradio } = view;
