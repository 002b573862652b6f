/** The interaction log that others keep, once a person has agreed. */
export const studylog = {
  "log.trouble": "Was du tust, kann gerade nicht aufbewahrt werden; diese Seite hält es fest und versucht es von selbst wieder.",
  "log.again": "Was du tust, wird wieder aufbewahrt, und nichts fehlt.",
} as const;
