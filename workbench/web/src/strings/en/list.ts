export const list = {
  "list.notes": "Notes", "list.addNote": "Add a note", "list.remove": "Remove",
  "list.bar": "Bar", "list.beat": "Beat", "list.note": "Note", "list.length": "Length in quarters",
  "list.loudness": "Loudness (1 to 127)",
  "list.before": "Page before", "list.after": "Next page", "list.page": "Page {page} of {pages}",
  "list.piece": "Chords, tempo, metre, key and markers",
  "list.chords": "Chords", "list.addChord": "Add a chord", "list.root": "Root", "list.kind": "Kind", "list.majorChord": "major",
  "list.tempos": "Tempo", "list.addTempo": "Add a change of tempo", "list.beats": "Quarters a minute",
  "list.meters": "Metre", "list.addMeter": "Add a change of metre", "list.upper": "Beats in a bar", "list.lower": "Beat is 1 over",
  "list.keys": "Key", "list.addKey": "Add a key", "list.key": "Key", "list.major": "major", "list.minor": "minor",
  "list.markers": "Markers", "list.addMarker": "Add a marker", "list.text": "Text", "list.newMarker": "New part",
  "list.noTrack": "No track yet",
} as const;
