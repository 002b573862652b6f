import { genie } from "../genie/genie.js";
import { defineView } from "../host/view.js";

const view = defineView("genie", genie);
export default view;
export const { mountGradio, mountPage } = view;
