import { defineView } from "../host/view.js";
import { stems } from "../stems/stems.js";

const view = defineView("stems", stems);
export default view;
export const { mountGradio, mountPage } = view;
