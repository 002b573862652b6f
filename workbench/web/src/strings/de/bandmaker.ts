/** A band for a voice, on the listening page. */
export const bandmaker = {
  "bandmaker.title": "Eine Band für deine Stimme",
  "bandmaker.lead": "Sie folgt den Noten oben und den passenden Akkorden; berichtige zuerst, was nicht stimmt.",
  "bandmaker.style": "Stil",
  "bandmaker.timing": "Timing",
  "bandmaker.timing.followed": "Die Band folgt mir",
  "bandmaker.timing.tightened": "Mich auf einen gleichmäßigen Takt rücken",
  "bandmaker.choir": "Ein Chor aus meiner Stimme",
  "bandmaker.make": "Band machen",
  "bandmaker.another": "Noch ein Versuch",
  "bandmaker.making": "Die Band wird geschrieben: {style} …",
  "bandmaker.packing": "Stems und Noten werden geschrieben: {style} …",
  "bandmaker.heard": "Deine Stimme mit der Band: {style}",
  "bandmaker.done": "Deine Band ist da: {style}",
  "bandmaker.keep": "Die Band ins Stück übernehmen",
  "bandmaker.save": "Klang sichern",
  "bandmaker.pack": "Für Musiker (Zip)",
} as const;
