/** The interaction log that others keep, once a person has agreed. */
export const studylog = {
  "log.trouble": "What you do cannot be kept right now; this page holds on to it and tries again by itself.",
  "log.again": "What you do is kept again, and nothing is missing.",
} as const;
