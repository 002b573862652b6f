import { defineView } from "../host/view.js";
import { keptFooter } from "../kept/footer.js";

const view = defineView("kept", keptFooter);
export default view;
export const { mountGradio, mountPage } = view;
