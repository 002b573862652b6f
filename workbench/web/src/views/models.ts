import { defineView } from "../host/view.js";
import { models } from "../models/models.js";

const view = defineView("models", models);
export default view;
export const { mountGradio, mountPage } = view;
