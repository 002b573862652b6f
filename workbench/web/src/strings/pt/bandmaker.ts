/** A band for a voice, on the listening page. */
export const bandmaker = {
  "bandmaker.title": "Uma banda para a sua voz",
  "bandmaker.lead": "Ela segue as notas acima e os acordes que combinam; corrija-os antes.",
  "bandmaker.style": "Estilo",
  "bandmaker.timing": "Tempo",
  "bandmaker.timing.followed": "A banda me segue",
  "bandmaker.timing.tightened": "Me leve para uma batida regular",
  "bandmaker.choir": "Um coro da minha voz",
  "bandmaker.make": "Criar uma banda",
  "bandmaker.another": "Outra versão",
  "bandmaker.making": "Escrevendo a banda: {style} …",
  "bandmaker.packing": "Escrevendo stems e notas: {style} …",
  "bandmaker.heard": "Sua voz com a banda: {style}",
  "bandmaker.done": "Sua banda está pronta: {style}",
  "bandmaker.keep": "Pôr a banda na peça",
  "bandmaker.save": "Salvar o som",
  "bandmaker.pack": "Para músicos (zip)",
} as const;
