/** Names of the General MIDI instruments and drums, in the order of the English catalogue. */
import { FIRST_DRUM, numbered } from "../en/instruments.js";

const programs = [
  "Piano de cauda", "Piano brilhante", "Piano de cauda elétrico", "Piano honky-tonk", "Piano elétrico",
  "Piano elétrico FM", "Cravo", "Clavinet", "Celesta", "Glockenspiel", "Caixa de música", "Vibrafone", "Marimba",
  "Xilofone", "Sinos tubulares", "Dulcimer", "Órgão de drawbars", "Órgão percussivo", "Órgão de rock",
  "Órgão de igreja", "Harmônio", "Acordeão", "Gaita de boca", "Bandoneón", "Violão de náilon", "Violão de aço",
  "Guitarra de jazz", "Guitarra limpa", "Guitarra abafada", "Guitarra saturada", "Guitarra distorcida",
  "Harmônicos de guitarra", "Contrabaixo dedilhado", "Baixo elétrico", "Baixo com palheta", "Baixo sem trastes",
  "Baixo slap", "Baixo pop", "Baixo sintético", "Baixo sintético suave", "Violino", "Viola", "Violoncelo",
  "Contrabaixo", "Cordas em trêmulo", "Cordas pinçadas", "Harpa", "Tímpanos", "Cordas", "Cordas lentas",
  "Cordas sintéticas", "Cordas sintéticas suaves", "Coro", "Vozes", "Voz sintética", "Golpe de orquestra", "Trompete",
  "Trombone", "Tuba", "Trompete com surdina", "Trompa", "Naipe de metais", "Metais sintéticos",
  "Metais sintéticos suaves", "Saxofone soprano", "Saxofone alto", "Saxofone tenor", "Saxofone barítono", "Oboé",
  "Corne inglês", "Fagote", "Clarinete", "Flautim", "Flauta", "Flauta doce", "Flauta de Pã", "Garrafa soprada",
  "Shakuhachi", "Assobio", "Ocarina", "Lead quadrado", "Lead serra", "Lead calíope", "Lead chiff", "Lead charango",
  "Lead de voz", "Lead de quintas", "Lead de baixo", "Pad fantasia", "Pad quente", "Pad poli", "Pad de coro",
  "Pad de vidro friccionado", "Pad metálico", "Pad halo", "Pad de varredura", "Chuva", "Trilha sonora", "Cristal",
  "Atmosfera", "Brilho", "Duendes", "Gotas com eco", "Tema das estrelas", "Sitar", "Banjo", "Shamisen", "Koto",
  "Kalimba", "Gaita de foles", "Rabeca", "Shanai", "Sininho", "Agogô", "Tambores de aço", "Bloco de madeira",
  "Tambor taiko", "Tom melódico", "Tambor sintético", "Prato invertido", "Ruído de trastes", "Ruído de sopro",
  "Beira-mar", "Canto de pássaros", "Telefone", "Helicóptero", "Aplausos", "Tiro",
] as const;

const families = [
  "Piano", "Sinos e teclas percutidas", "Órgão", "Guitarra", "Baixo", "Cordas", "Conjunto", "Metais", "Palhetas",
  "Flautas", "Lead sintético", "Pad sintético", "Efeitos sintéticos", "Do mundo", "Percussão", "Efeitos sonoros",
] as const;

/** From key 27 to 87. */
const drums = [
  "High Q", "Tapa", "Scratch para frente", "Scratch para trás", "Baquetas", "Clique quadrado", "Clique de metrônomo",
  "Sino de metrônomo", "Bumbo 2", "Bumbo", "Aro", "Caixa", "Palmas", "Caixa eletrônica", "Surdo grave",
  "Chimbal fechado", "Surdo agudo", "Chimbal com pedal", "Tom grave", "Chimbal aberto", "Tom médio grave",
  "Tom médio agudo", "Prato de ataque", "Tom agudo", "Prato de condução", "Prato chinês", "Cúpula da condução",
  "Pandeirola", "Prato splash", "Cowbell", "Prato de ataque 2", "Vibraslap", "Prato de condução 2", "Bongô agudo",
  "Bongô grave", "Conga aguda abafada", "Conga aguda aberta", "Conga grave", "Timbale agudo", "Timbale grave",
  "Agogô agudo", "Agogô grave", "Cabaça", "Maracas", "Apito curto", "Apito longo", "Reco-reco curto",
  "Reco-reco longo", "Claves", "Bloco de madeira agudo", "Bloco de madeira grave", "Cuíca abafada", "Cuíca aberta",
  "Triângulo abafado", "Triângulo aberto", "Ganzá", "Guizos", "Árvore de sinos", "Castanholas", "Surdo abafado",
  "Surdo aberto",
] as const;

export const instruments = {
  ...numbered("program", programs), ...numbered("family", families), ...numbered("drum", drums, FIRST_DRUM),
};
