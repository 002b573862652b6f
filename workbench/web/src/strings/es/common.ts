export const common = {
  "common.language": "Idioma",
  "common.trouble": "Algo ha fallado en esta página. Tu trabajo está a salvo; recarga la página para seguir.",
  "server.away": "No se puede conectar con el servidor.",
  "server.none": "No hay ningún servidor detrás de esta página.",
  "server.refused": "El servidor no acepta esta pieza, así que los modelos y la exportación no pueden trabajar con ella.",
  "server.saveFile": "Guardar como archivo",
  "job.unknown": "El servidor no conoce esta página; recárgala.",
  "job.lost": "Se perdió la conexión con el servidor. Tu pieza está a salvo: vuelve a pedirlo cuando regrese.",
  "job.next": "El tuyo es el siguiente.",
  "job.waiting.one": "{count} trabajo antes del tuyo.",
  "job.waiting.other": "{count} trabajos antes del tuyo.",
} as const;
