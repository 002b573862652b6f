/** The document twin as one import; also built as `public/document.js` for tests and tools. */
export * from "./canonical.js";
export * from "./check.js";
export * from "./edits.js";
export * from "./history.js";
export * from "./lanes.js";
export * from "./operations.js";
export * from "./sha256.js";
export * from "./timemap.js";
export * from "./types.js";
