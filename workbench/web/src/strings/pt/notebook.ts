/** What is said in notebooks alone; `saved` and below stand in the saved file, where no program runs. */
export const notebook = {
  "notebook.waiting": "Esperando o Python …",
  "notebook.busy": "O Python está ocupado. O que você faz aqui fica guardado e chega a ele assim que estiver livre.",
  "notebook.silent": "O Python não responde. O kernel está rodando?",
  "notebook.fileMissing": "O arquivo {name} não faz parte desta instalação.",
  "notebook.refused":
    "Algo que você fez aqui não combinava mais com o que o Python mudou nesse meio-tempo, e ficou de fora. Faça de novo se quiser.",
  "notebook.rejoined": "A página e o Python tinham se separado; agora a página mostra o que o Python tem.",
  "notebook.piece": "{title}: {tracks} faixas, {notes} notas",
  "notebook.untitled": "Sem título",
  "notebook.picture": "Piano roll de {title}",
  "notebook.picturePart": "Piano roll dos primeiros {bars} compassos de {title}",
  "notebook.sound": "Os primeiros {seconds} segundos",
  "notebook.saved": "Como foi salvo. Execute a célula para tocar e editar.",
  "notebook.needsKernel": "O widget precisa de um kernel rodando; a imagem abaixo não precisa.",
  "notebook.take": "Tomada {number}",
} as const;
