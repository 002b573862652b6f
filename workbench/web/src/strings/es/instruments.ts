/** Names of the General MIDI instruments and drums, in the order of the English catalogue. */
import { FIRST_DRUM, numbered } from "../en/instruments.js";

const programs = [
  "Piano de cola", "Piano brillante", "Piano de cola eléctrico", "Piano honky-tonk", "Piano eléctrico",
  "Piano eléctrico FM", "Clavecín", "Clavinet", "Celesta", "Glockenspiel", "Caja de música", "Vibráfono", "Marimba",
  "Xilófono", "Campanas tubulares", "Dulcémele", "Órgano de tiradores", "Órgano percusivo", "Órgano de rock",
  "Órgano de iglesia", "Armonio", "Acordeón", "Armónica", "Bandoneón", "Guitarra de nailon", "Guitarra acústica",
  "Guitarra de jazz", "Guitarra eléctrica limpia", "Guitarra apagada", "Guitarra saturada", "Guitarra distorsionada",
  "Armónicos de guitarra", "Contrabajo pulsado", "Bajo eléctrico", "Bajo con púa", "Bajo sin trastes", "Bajo slap",
  "Bajo pop", "Bajo sintético", "Bajo sintético suave", "Violín", "Viola", "Violonchelo", "Contrabajo",
  "Cuerdas en trémolo", "Cuerdas pulsadas", "Arpa", "Timbales", "Cuerdas", "Cuerdas lentas", "Cuerdas sintéticas",
  "Cuerdas sintéticas suaves", "Coro", "Voces", "Voz sintética", "Golpe de orquesta", "Trompeta", "Trombón", "Tuba",
  "Trompeta con sordina", "Trompa", "Sección de metales", "Metales sintéticos", "Metales sintéticos suaves",
  "Saxofón soprano", "Saxofón alto", "Saxofón tenor", "Saxofón barítono", "Oboe", "Corno inglés", "Fagot",
  "Clarinete", "Flautín", "Flauta", "Flauta dulce", "Flauta de Pan", "Botella soplada", "Shakuhachi", "Silbido",
  "Ocarina", "Lead cuadrado", "Lead de sierra", "Lead calíope", "Lead chiff", "Lead charango", "Lead de voz",
  "Lead de quintas", "Lead de bajo", "Pad fantasía", "Pad cálido", "Pad poli", "Pad de coro",
  "Pad de cristal frotado", "Pad metálico", "Pad halo", "Pad de barrido", "Lluvia", "Banda sonora", "Cristal",
  "Atmósfera", "Brillo", "Duendes", "Gotas con eco", "Tema estelar", "Sitar", "Banjo", "Shamisen", "Koto", "Kalimba",
  "Gaita", "Violín folk", "Shanai", "Campanilla", "Agogó", "Tambores metálicos", "Caja china", "Tambor taiko",
  "Tom melódico", "Tambor sintético", "Platillo invertido", "Ruido de trastes", "Ruido de aliento", "Orilla del mar",
  "Canto de pájaros", "Teléfono", "Helicóptero", "Aplausos", "Disparo",
] as const;

const families = [
  "Piano", "Campanas y láminas", "Órgano", "Guitarra", "Bajo", "Cuerdas", "Conjunto", "Metales", "Lengüetas",
  "Flautas", "Lead sintético", "Pad sintético", "Efectos sintéticos", "Del mundo", "Percusión", "Efectos de sonido",
] as const;

/** From key 27 to 87. */
const drums = [
  "High Q", "Palmada", "Scratch adelante", "Scratch atrás", "Baquetas", "Clic cuadrado", "Clic de metrónomo",
  "Campana de metrónomo", "Bombo 2", "Bombo", "Golpe de aro", "Caja", "Palmas", "Caja electrónica", "Tom base grave",
  "Charles cerrado", "Tom base agudo", "Charles con pedal", "Tom grave", "Charles abierto", "Tom medio grave",
  "Tom medio agudo", "Platillo crash", "Tom agudo", "Platillo ride", "Platillo chino", "Campana del ride",
  "Pandereta", "Platillo splash", "Cencerro", "Platillo crash 2", "Vibraslap", "Platillo ride 2", "Bongó agudo",
  "Bongó grave", "Conga aguda apagada", "Conga aguda abierta", "Conga grave", "Timbal agudo", "Timbal grave",
  "Agogó agudo", "Agogó grave", "Cabasa", "Maracas", "Silbato corto", "Silbato largo", "Güiro corto", "Güiro largo",
  "Claves", "Caja china aguda", "Caja china grave", "Cuíca apagada", "Cuíca abierta", "Triángulo apagado",
  "Triángulo abierto", "Shaker", "Cascabeles", "Árbol de campanas", "Castañuelas", "Surdo apagado", "Surdo abierto",
] as const;

export const instruments = {
  ...numbered("program", programs), ...numbered("family", families), ...numbered("drum", drums, FIRST_DRUM),
};
