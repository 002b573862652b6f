export const sound = {
  "sound.asleep": "Dein Browser erlaubt Klang erst nach einem Klick oder Tastendruck auf dieser Seite. Drück noch einmal auf Abspielen.",
  "sound.insecure":
    "Diese Adresse ist nicht sicher, deshalb erlaubt dein Browser keine Live-Instrumente: Abspielen geht, einzelne Töne bleiben stumm. Öffne die Seite über https oder auf dem Computer, auf dem sie läuft.",
  "sound.notMade": "Der Server konnte den Klang nicht machen. Versuch es gleich noch einmal.",
  "sound.recordingGone": "Die Aufnahme von {name} lässt sich hier nicht abspielen; es klingen ihre Noten.",
} as const;
