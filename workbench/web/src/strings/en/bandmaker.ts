/** A band for a voice, on the listening page. */
export const bandmaker = {
  "bandmaker.title": "A band for your voice",
  "bandmaker.lead": "It follows the notes above and the chords that fit them; put them right first.",
  "bandmaker.style": "Style",
  "bandmaker.timing": "Timing",
  "bandmaker.timing.followed": "The band follows me",
  "bandmaker.timing.tightened": "Move me onto an even beat",
  "bandmaker.choir": "A choir of my voice",
  "bandmaker.make": "Make a band",
  "bandmaker.another": "Another take",
  "bandmaker.making": "The band is being written: {style} …",
  "bandmaker.packing": "Stems and notes are being written: {style} …",
  "bandmaker.heard": "Your voice with the band: {style}",
  "bandmaker.done": "Your band is there: {style}",
  "bandmaker.keep": "Put the band in the piece",
  "bandmaker.save": "Save the sound",
  "bandmaker.pack": "For musicians (zip)",
} as const;
