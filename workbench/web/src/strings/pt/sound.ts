export const sound = {
  "sound.asleep": "Seu navegador só permite som depois de um clique ou uma tecla nesta página. Aperte Tocar mais uma vez.",
  "sound.insecure":
    "Este endereço não é seguro, então seu navegador não permite instrumentos ao vivo: Tocar funciona, notas isoladas ficam mudas. Abra a página por https, ou no computador que a executa.",
  "sound.notMade": "O servidor não conseguiu criar o som. Tente de novo em um momento.",
  "sound.recordingGone": "A gravação de {name} não pode ser tocada aqui; soam suas notas.",
} as const;
