import { defineView } from "../host/view.js";
import { study } from "../study/study.js";

const view = defineView("study", study);
export default view;
export const { mountGradio, mountPage } = view;
