/** What is said in notebooks alone; `saved` and below stand in the saved file, where no program runs. */
export const notebook = {
  "notebook.waiting": "Esperando a Python …",
  "notebook.busy": "Python está ocupado. Lo que hagas aquí se conserva y le llega en cuanto esté libre.",
  "notebook.silent": "Python no responde. ¿Está en marcha el kernel?",
  "notebook.fileMissing": "El archivo {name} no forma parte de esta instalación.",
  "notebook.refused":
    "Algo que hiciste aquí ya no encajaba con lo que Python había cambiado mientras tanto, y se dejó fuera. Hazlo otra vez si lo quieres.",
  "notebook.rejoined": "La página y Python se habían separado; ahora la página muestra lo que tiene Python.",
  "notebook.piece": "{title}: {tracks} pistas, {notes} notas",
  "notebook.untitled": "Sin título",
  "notebook.picture": "Piano roll de {title}",
  "notebook.picturePart": "Piano roll de los primeros {bars} compases de {title}",
  "notebook.sound": "Los primeros {seconds} segundos",
  "notebook.saved": "Tal como se guardó. Ejecuta la celda para tocarlo y editarlo.",
  "notebook.needsKernel": "El widget necesita un kernel en marcha; la imagen de abajo no.",
  "notebook.take": "Toma {number}",
} as const;
