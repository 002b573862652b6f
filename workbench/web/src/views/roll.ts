/** The piano roll as a view of its own. */
import { defineView } from "../host/view.js";
import { roll } from "../roll/roll.js";

const view = defineView("roll", (context) => void roll(context));
export default view;
export const { mountGradio } = view;
