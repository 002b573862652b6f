export const common = {
  "common.language": "Language",
  "common.trouble": "Something went wrong in this page. Your work is safe; reload the page to go on.",
  "server.away": "The server cannot be reached.",
  "server.none": "There is no server behind this page.",
  "server.refused": "The server does not take this piece, so the models and exports cannot work on it.",
  "server.saveFile": "Save it as a file",
  "job.unknown": "The server does not know this page; reload it.",
  "job.lost": "The connection to the server was lost. Your piece is safe: ask once more when it is back.",
  "job.next": "Yours is next.",
  "job.waiting.one": "{count} job before yours.",
  "job.waiting.other": "{count} jobs before yours.",
} as const;
