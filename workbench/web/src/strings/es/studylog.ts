/** The interaction log that others keep, once a person has agreed. */
export const studylog = {
  "log.trouble": "Ahora no se puede guardar lo que haces; esta página lo conserva y vuelve a probar sola.",
  "log.again": "Lo que haces se guarda otra vez, y no falta nada.",
} as const;
