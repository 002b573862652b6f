export const list = {
  "list.notes": "Notas", "list.addNote": "Adicionar uma nota", "list.remove": "Remover",
  "list.bar": "Compasso", "list.beat": "Batida", "list.note": "Nota", "list.length": "Duração em semínimas",
  "list.loudness": "Intensidade (1 a 127)",
  "list.before": "Página anterior", "list.after": "Próxima página", "list.page": "Página {page} de {pages}",
  "list.piece": "Acordes, andamento, compasso, tom e marcadores",
  "list.chords": "Acordes", "list.addChord": "Adicionar um acorde", "list.root": "Fundamental", "list.kind": "Tipo", "list.majorChord": "maior",
  "list.tempos": "Andamento", "list.addTempo": "Adicionar mudança de andamento", "list.beats": "Semínimas por minuto",
  "list.meters": "Fórmula de compasso", "list.addMeter": "Adicionar mudança de compasso", "list.upper": "Batidas por compasso", "list.lower": "A batida é 1 sobre",
  "list.keys": "Tom", "list.addKey": "Adicionar um tom", "list.key": "Tom", "list.major": "maior", "list.minor": "menor",
  "list.markers": "Marcadores", "list.addMarker": "Adicionar um marcador", "list.text": "Texto", "list.newMarker": "Parte nova",
  "list.noTrack": "Nenhuma faixa ainda",
} as const;
