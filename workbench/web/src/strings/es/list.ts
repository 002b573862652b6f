export const list = {
  "list.notes": "Notas", "list.addNote": "Añadir una nota", "list.remove": "Quitar",
  "list.bar": "Compás", "list.beat": "Pulso", "list.note": "Nota", "list.length": "Duración en negras",
  "list.loudness": "Intensidad (1 a 127)",
  "list.before": "Página anterior", "list.after": "Página siguiente", "list.page": "Página {page} de {pages}",
  "list.piece": "Acordes, tempo, compás, tonalidad y marcadores",
  "list.chords": "Acordes", "list.addChord": "Añadir un acorde", "list.root": "Fundamental", "list.kind": "Tipo", "list.majorChord": "mayor",
  "list.tempos": "Tempo", "list.addTempo": "Añadir un cambio de tempo", "list.beats": "Negras por minuto",
  "list.meters": "Tipo de compás", "list.addMeter": "Añadir un cambio de compás", "list.upper": "Pulsos por compás", "list.lower": "El pulso es 1 entre",
  "list.keys": "Tonalidad", "list.addKey": "Añadir una tonalidad", "list.key": "Tonalidad", "list.major": "mayor", "list.minor": "menor",
  "list.markers": "Marcadores", "list.addMarker": "Añadir un marcador", "list.text": "Texto", "list.newMarker": "Parte nueva",
  "list.noTrack": "Todavía no hay pistas",
} as const;
