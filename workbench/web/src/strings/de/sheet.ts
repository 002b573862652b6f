/** The sheet. */
export const sheet = {
  "sheet.play": "Abspielen",
  "sheet.stop": "Anhalten",
  "sheet.readFor": "Geschrieben für",
  "sheet.concert": "Klavier, Gesang, Streicher, Flöte",
  "sheet.bflat": "Trompete, Klarinette (in B)",
  "sheet.eflat": "Altsaxofon (in Es)",
  "sheet.f": "Horn (in F)",
  "sheet.print": "Drucken oder als PDF sichern",
  "sheet.label": "Notenblatt; Pfeile links und rechts gehen von Note zu Note",
  "sheet.at": "Takt {bar}, Schlag {beat}",
  "sheet.working": "Das Notenblatt entsteht …",
  "sheet.failed": "Das Notenblatt konnte nicht gemacht werden; versuch es noch einmal.",
} as const;
