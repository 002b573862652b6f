import { defineView } from "../host/view.js";
import { replay } from "../replay/replay.js";

const view = defineView("replay", replay);
export default view;
export const { mountGradio, mountPage } = view;
