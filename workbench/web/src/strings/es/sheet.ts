/** The sheet. */
export const sheet = {
  "sheet.play": "Tocar",
  "sheet.stop": "Detener",
  "sheet.readFor": "Escrito para",
  "sheet.concert": "piano, voz, cuerdas, flauta",
  "sheet.bflat": "trompeta, clarinete (en si bemol)",
  "sheet.eflat": "saxofón alto (en mi bemol)",
  "sheet.f": "trompa (en fa)",
  "sheet.print": "Imprimir o guardar como PDF",
  "sheet.label": "Partitura; las flechas izquierda y derecha van de nota en nota",
  "sheet.at": "compás {bar}, pulso {beat}",
  "sheet.working": "Escribiendo la partitura …",
  "sheet.failed": "No se pudo crear la partitura; inténtalo de nuevo.",
} as const;
