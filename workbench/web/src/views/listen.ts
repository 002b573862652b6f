/** The listening page; the context carries what was heard, so that a page (and a test) can ask it. */
import { defineView } from "../host/view.js";
import { listen } from "../listen/listen.js";

const view = defineView("listen", (context) => void listen(context));
export default view;
export const { mountGradio, mountPage } = view;
