/**
 * The cards of what was understood. A page that shows them adds `cardStyle` to its root and puts them into an element
 * with the class `wb-cards`.
 */
export { default as cardStyle } from "./cards.css";
export type { Card, CardHost } from "./card.js";
export { pictureCard } from "./picture.js";
export { styleCard } from "./style.js";
export { notesCard, voiceCard } from "./tune.js";
export { videoCard } from "./video.js";
export { wordsCard } from "./words.js";
