/** What `public/engine.js` holds: the synthesiser, loaded at the first sound, and the offline render. */
export { renderOffline } from "./offline.js";
export { addProcessor, Engine, type Place, Places, prepareOffline } from "./synth.js";
