/** What is said in notebooks alone; `saved` and below stand in the saved file, where no program runs. */
export const notebook = {
  "notebook.waiting": "Warten auf Python …",
  "notebook.busy": "Python ist beschäftigt. Was du hier tust, bleibt erhalten und kommt an, sobald es frei ist.",
  "notebook.silent": "Python antwortet nicht. Läuft der Kernel?",
  "notebook.fileMissing": "Die Datei {name} gehört nicht zu dieser Installation.",
  "notebook.refused":
    "Etwas, das du hier getan hast, passte nicht mehr zu dem, was Python inzwischen geändert hatte, und wurde weggelassen. Mach es noch einmal, wenn du es willst.",
  "notebook.rejoined": "Die Seite und Python waren auseinandergelaufen; die Seite zeigt jetzt, was Python hat.",
  "notebook.piece": "{title}: {tracks} Spuren, {notes} Noten",
  "notebook.untitled": "Ohne Titel",
  "notebook.picture": "Pianorolle von {title}",
  "notebook.picturePart": "Pianorolle der ersten {bars} Takte von {title}",
  "notebook.sound": "Die ersten {seconds} Sekunden",
  "notebook.saved": "Wie es gesichert wurde. Führ die Zelle aus, um es zu spielen und zu bearbeiten.",
  "notebook.needsKernel": "Das Widget braucht einen laufenden Kernel; das Bild darunter braucht keinen.",
  "notebook.take": "Take {number}",
} as const;
