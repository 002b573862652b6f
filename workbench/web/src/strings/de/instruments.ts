/** Names of the General MIDI instruments and drums, in the order of the English catalogue. */
import { FIRST_DRUM, numbered } from "../en/instruments.js";

const programs = [
  "Flügel", "Helles Klavier", "Elektrischer Flügel", "Honky-Tonk-Klavier", "E-Piano", "FM-E-Piano", "Cembalo",
  "Clavinet", "Celesta", "Glockenspiel", "Spieluhr", "Vibrafon", "Marimba", "Xylofon", "Röhrenglocken", "Hackbrett",
  "Zugriegelorgel", "Perkussive Orgel", "Rockorgel", "Kirchenorgel", "Harmonium", "Akkordeon", "Mundharmonika",
  "Bandoneon", "Nylongitarre", "Westerngitarre", "Jazzgitarre", "Klare E-Gitarre", "Gedämpfte Gitarre",
  "Übersteuerte Gitarre", "Verzerrte Gitarre", "Gitarrenflageoletts", "Kontrabass (gezupft)", "E-Bass",
  "Bass mit Plektrum", "Bundloser Bass", "Slap-Bass", "Pop-Bass", "Synthbass", "Weicher Synthbass", "Violine",
  "Bratsche", "Cello", "Kontrabass", "Tremolostreicher", "Gezupfte Streicher", "Harfe", "Pauken", "Streicher",
  "Langsame Streicher", "Synthstreicher", "Weiche Synthstreicher", "Chor", "Stimmen", "Synthstimme",
  "Orchesterschlag", "Trompete", "Posaune", "Tuba", "Gedämpfte Trompete", "Horn", "Blechbläser", "Synthblech",
  "Weiches Synthblech", "Sopransaxofon", "Altsaxofon", "Tenorsaxofon", "Baritonsaxofon", "Oboe", "Englischhorn",
  "Fagott", "Klarinette", "Piccoloflöte", "Flöte", "Blockflöte", "Panflöte", "Angeblasene Flasche", "Shakuhachi",
  "Pfeifen", "Okarina", "Rechteck-Lead", "Sägezahn-Lead", "Calliope-Lead", "Chiff-Lead", "Charang-Lead",
  "Stimmen-Lead", "Quinten-Lead", "Bass-Lead", "Fantasiefläche", "Warme Fläche", "Polyfläche", "Chorfläche",
  "Gestrichenes Glas", "Metallfläche", "Halo-Fläche", "Sweep-Fläche", "Regen", "Filmmusik", "Kristall", "Atmosphäre",
  "Helligkeit", "Kobolde", "Echotropfen", "Sternenthema", "Sitar", "Banjo", "Shamisen", "Koto", "Kalimba",
  "Dudelsack", "Fiedel", "Shanai", "Klingelglöckchen", "Agogo", "Steel Drums", "Holzblock", "Taiko", "Melodie-Tom",
  "Synth-Drum", "Becken rückwärts", "Bundgeräusch", "Atemgeräusch", "Meeresrauschen", "Vogelgesang", "Telefon",
  "Hubschrauber", "Applaus", "Schuss",
] as const;

const families = [
  "Klavier", "Glocken und Stabspiele", "Orgel", "Gitarre", "Bass", "Streicher", "Ensemble", "Blech", "Rohrblatt",
  "Flöten", "Synth-Lead", "Synth-Fläche", "Synth-Effekte", "Welt", "Schlagwerk", "Geräusche",
] as const;

/** From key 27 to 87. */
const drums = [
  "High Q", "Klatscher", "Scratch vor", "Scratch zurück", "Sticks", "Rechteckklick", "Metronomklick",
  "Metronomglocke", "Bassdrum 2", "Bassdrum", "Rimclick", "Snare", "Händeklatschen", "Elektrische Snare",
  "Tiefes Standtom", "Hi-Hat geschlossen", "Hohes Standtom", "Hi-Hat Pedal", "Tiefes Tom", "Hi-Hat offen",
  "Tieferes mittleres Tom", "Höheres mittleres Tom", "Crashbecken", "Hohes Tom", "Ridebecken", "Chinabecken",
  "Ride-Kuppe", "Tamburin", "Splashbecken", "Kuhglocke", "Crashbecken 2", "Vibraslap", "Ridebecken 2", "Hohes Bongo",
  "Tiefes Bongo", "Hohe Conga gedämpft", "Hohe Conga offen", "Tiefe Conga", "Hohe Timbale", "Tiefe Timbale",
  "Hohes Agogo", "Tiefes Agogo", "Cabasa", "Maracas", "Kurze Pfeife", "Lange Pfeife", "Kurzes Guiro", "Langes Guiro",
  "Claves", "Hoher Holzblock", "Tiefer Holzblock", "Cuica gedämpft", "Cuica offen", "Triangel gedämpft",
  "Triangel offen", "Shaker", "Schellen", "Glockenbaum", "Kastagnetten", "Surdo gedämpft", "Surdo offen",
] as const;

export const instruments = {
  ...numbered("program", programs), ...numbered("family", families), ...numbered("drum", drums, FIRST_DRUM),
};
