export const common = {
  "common.language": "Sprache",
  "common.trouble": "Auf dieser Seite ist etwas schiefgegangen. Deine Arbeit ist sicher; lade die Seite neu, um weiterzumachen.",
  "server.away": "Der Server ist nicht zu erreichen.",
  "server.none": "Hinter dieser Seite steht kein Server.",
  "server.refused": "Der Server nimmt dieses Stück nicht an, deshalb können Modelle und Export nicht damit arbeiten.",
  "server.saveFile": "Als Datei sichern",
  "job.unknown": "Der Server kennt diese Seite nicht; lade sie neu.",
  "job.lost": "Die Verbindung zum Server ist abgerissen. Dein Stück ist sicher: Frag noch einmal, wenn er wieder da ist.",
  "job.next": "Du bist als Nächstes dran.",
  "job.waiting.one": "{count} Auftrag vor deinem.",
  "job.waiting.other": "{count} Aufträge vor deinem.",
} as const;
