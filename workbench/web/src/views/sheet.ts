import { defineView } from "../host/view.js";
import { sheet } from "../sheet/sheet.js";

const view = defineView("sheet", sheet);
export default view;
export const { mountGradio, mountPage } = view;
