/** Names of the General MIDI instruments and drums; the same as `workbench/score/instruments.py` (a test compares). */
export const programNames = [
  "Grand piano", "Bright piano", "Electric grand piano", "Honky-tonk piano", "Electric piano", "FM electric piano",
  "Harpsichord", "Clavinet", "Celesta", "Glockenspiel", "Music box", "Vibraphone", "Marimba", "Xylophone",
  "Tubular bells", "Dulcimer", "Drawbar organ", "Percussive organ", "Rock organ", "Church organ", "Reed organ",
  "Accordion", "Harmonica", "Bandoneon", "Nylon guitar", "Steel guitar", "Jazz guitar", "Clean electric guitar",
  "Muted guitar", "Overdriven guitar", "Distorted guitar", "Guitar harmonics", "Double bass", "Electric bass",
  "Picked bass", "Fretless bass", "Slap bass", "Pop bass", "Synth bass", "Soft synth bass", "Violin", "Viola",
  "Cello", "Contrabass", "Tremolo strings", "Plucked strings", "Harp", "Timpani", "Strings", "Slow strings",
  "Synth strings", "Soft synth strings", "Choir", "Voices", "Synth voice", "Orchestra hit", "Trumpet", "Trombone",
  "Tuba", "Muted trumpet", "French horn", "Brass section", "Synth brass", "Soft synth brass", "Soprano saxophone",
  "Alto saxophone", "Tenor saxophone", "Baritone saxophone", "Oboe", "English horn", "Bassoon", "Clarinet",
  "Piccolo", "Flute", "Recorder", "Pan flute", "Blown bottle", "Shakuhachi", "Whistle", "Ocarina", "Square lead",
  "Saw lead", "Calliope lead", "Chiff lead", "Charang lead", "Voice lead", "Fifths lead", "Bass lead",
  "Fantasia pad", "Warm pad", "Poly pad", "Choir pad", "Bowed glass pad", "Metal pad", "Halo pad", "Sweep pad",
  "Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins", "Echo drops", "Star theme", "Sitar",
  "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai", "Tinkle bell", "Agogo", "Steel drums",
  "Woodblock", "Taiko drum", "Melodic tom", "Synth drum", "Reverse cymbal", "Fret noise", "Breath noise", "Seashore",
  "Bird song", "Telephone", "Helicopter", "Applause", "Gunshot",
] as const;

export const familyNames = [
  "Piano", "Bells and mallets", "Organ", "Guitar", "Bass", "Strings", "Ensemble", "Brass", "Reeds", "Pipes",
  "Synth lead", "Synth pad", "Synth effects", "World", "Percussion", "Sound effects",
] as const;

/** From key 27 to 87. */
export const drumNames = [
  "High Q", "Slap", "Scratch push", "Scratch pull", "Sticks", "Square click", "Metronome click", "Metronome bell",
  "Bass drum 2", "Bass drum", "Side stick", "Snare", "Hand clap", "Electric snare", "Low floor tom", "Closed hi-hat",
  "High floor tom", "Pedal hi-hat", "Low tom", "Open hi-hat", "Low-mid tom", "High-mid tom", "Crash cymbal",
  "High tom", "Ride cymbal", "Chinese cymbal", "Ride bell", "Tambourine", "Splash cymbal", "Cowbell",
  "Crash cymbal 2", "Vibraslap", "Ride cymbal 2", "High bongo", "Low bongo", "Muted high conga", "Open high conga",
  "Low conga", "High timbale", "Low timbale", "High agogo", "Low agogo", "Cabasa", "Maracas", "Short whistle",
  "Long whistle", "Short guiro", "Long guiro", "Claves", "High woodblock", "Low woodblock", "Muted cuica",
  "Open cuica", "Muted triangle", "Open triangle", "Shaker", "Sleigh bells", "Bell tree", "Castanets", "Muted surdo",
  "Open surdo",
] as const;

export const FIRST_DRUM = 27;

export const numbered = <P extends string>(prefix: P, names: readonly string[], first = 0): Record<`${P}.${number}`, string> =>
  Object.fromEntries(names.map((name, i) => [`${prefix}.${first + i}`, name])) as Record<`${P}.${number}`, string>;

export const instruments = {
  ...numbered("program", programNames), ...numbered("family", familyNames), ...numbered("drum", drumNames, FIRST_DRUM),
};
