/** The sheet. */
export const sheet = {
  "sheet.play": "Play",
  "sheet.stop": "Stop",
  "sheet.readFor": "Written for",
  "sheet.concert": "piano, voice, strings, flute",
  "sheet.bflat": "trumpet, clarinet (in B flat)",
  "sheet.eflat": "alto saxophone (in E flat)",
  "sheet.f": "French horn (in F)",
  "sheet.print": "Print or save as PDF",
  "sheet.label": "Notation; the left and right arrows go from note to note",
  "sheet.at": "bar {bar}, beat {beat}",
  "sheet.working": "Writing the sheet …",
  "sheet.failed": "The sheet could not be made; try again.",
} as const;
