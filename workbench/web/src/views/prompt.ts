/** The Prompt page: a piece from whatever a person has. */
import { defineView } from "../host/view.js";
import { prompt } from "../prompt/page.js";

const view = defineView("prompt", prompt);
export default view;
export const { mountGradio, mountPage } = view;
