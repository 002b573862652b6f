export const list = {
  "list.notes": "Noten", "list.addNote": "Note hinzufügen", "list.remove": "Entfernen",
  "list.bar": "Takt", "list.beat": "Schlag", "list.note": "Note", "list.length": "Länge in Vierteln",
  "list.loudness": "Lautstärke (1 bis 127)",
  "list.before": "Seite davor", "list.after": "Nächste Seite", "list.page": "Seite {page} von {pages}",
  "list.piece": "Akkorde, Tempo, Taktart, Tonart und Marker",
  "list.chords": "Akkorde", "list.addChord": "Akkord hinzufügen", "list.root": "Grundton", "list.kind": "Art", "list.majorChord": "Dur",
  "list.tempos": "Tempo", "list.addTempo": "Tempowechsel hinzufügen", "list.beats": "Viertel pro Minute",
  "list.meters": "Taktart", "list.addMeter": "Taktwechsel hinzufügen", "list.upper": "Schläge im Takt", "list.lower": "Schlag ist 1 durch",
  "list.keys": "Tonart", "list.addKey": "Tonart hinzufügen", "list.key": "Tonart", "list.major": "Dur", "list.minor": "Moll",
  "list.markers": "Marker", "list.addMarker": "Marker hinzufügen", "list.text": "Text", "list.newMarker": "Neuer Teil",
  "list.noTrack": "Noch keine Spur",
} as const;
