export const common = {
  "common.trouble": "Something went wrong in this page. Your work is safe; reload the page to go on.",
} as const;
