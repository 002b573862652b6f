export const common = {
  "common.language": "Idioma",
  "common.trouble": "Algo deu errado nesta página. Seu trabalho está seguro; recarregue a página para continuar.",
  "server.away": "Não é possível alcançar o servidor.",
  "server.none": "Não há servidor por trás desta página.",
  "server.refused": "O servidor não aceita esta peça, por isso os modelos e a exportação não podem trabalhar com ela.",
  "server.saveFile": "Salvar como arquivo",
  "job.unknown": "O servidor não conhece esta página; recarregue-a.",
  "job.lost": "A conexão com o servidor caiu. Sua peça está segura: peça de novo quando ele voltar.",
  "job.next": "O seu é o próximo.",
  "job.waiting.one": "{count} tarefa antes da sua.",
  "job.waiting.other": "{count} tarefas antes da sua.",
} as const;
