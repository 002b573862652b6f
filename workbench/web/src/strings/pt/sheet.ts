/** The sheet. */
export const sheet = {
  "sheet.play": "Tocar",
  "sheet.stop": "Parar",
  "sheet.readFor": "Escrito para",
  "sheet.concert": "piano, voz, cordas, flauta",
  "sheet.bflat": "trompete, clarinete (em si bemol)",
  "sheet.eflat": "saxofone alto (em mi bemol)",
  "sheet.f": "trompa (em fá)",
  "sheet.print": "Imprimir ou salvar como PDF",
  "sheet.label": "Partitura; as setas esquerda e direita vão de nota em nota",
  "sheet.at": "compasso {bar}, batida {beat}",
  "sheet.working": "Escrevendo a partitura …",
  "sheet.failed": "Não foi possível criar a partitura; tente de novo.",
} as const;
