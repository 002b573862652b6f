/** The interaction log that others keep, once a person has agreed. */
export const studylog = {
  "log.trouble": "O que você faz não pode ser guardado agora; esta página segura e tenta de novo sozinha.",
  "log.again": "O que você faz está sendo guardado de novo, e nada falta.",
} as const;
