/** A band for a voice, on the listening page. */
export const bandmaker = {
  "bandmaker.title": "Una banda para tu voz",
  "bandmaker.lead": "Sigue las notas de arriba y los acordes que les van; corrígelos antes.",
  "bandmaker.style": "Estilo",
  "bandmaker.timing": "Tiempo",
  "bandmaker.timing.followed": "La banda me sigue",
  "bandmaker.timing.tightened": "Llévame a un pulso regular",
  "bandmaker.choir": "Un coro de mi voz",
  "bandmaker.make": "Crear una banda",
  "bandmaker.another": "Otra versión",
  "bandmaker.making": "Escribiendo la banda: {style} …",
  "bandmaker.packing": "Escribiendo stems y notas: {style} …",
  "bandmaker.heard": "Tu voz con la banda: {style}",
  "bandmaker.done": "Tu banda está lista: {style}",
  "bandmaker.keep": "Poner la banda en la pieza",
  "bandmaker.save": "Guardar el sonido",
  "bandmaker.pack": "Para músicos (zip)",
} as const;
