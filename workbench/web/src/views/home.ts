import { home } from "../home/home.js";
import { defineView } from "../host/view.js";

const view = defineView("home", home);
export default view;
export const { mountGradio, mountPage } = view;
