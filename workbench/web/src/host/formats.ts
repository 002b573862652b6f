/** What can be opened and kept; made by `python -m workbench.deliver.formats` from the server's table. */
export const SCORES = ".mid,.midi,.rmi,.wbz,.mxl,.musicxml,.xml,.abc,audio/midi";
export const SOUND_KINDS = ["mp3", "m4a", "wav", "flac"] as const;
export const VIDEO_KIND = "mp4";
export const VIDEO_SHAPES = ["9:16", "16:9"] as const;
