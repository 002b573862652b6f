/** Eight buttons. */
export const genie = {
  "genie.notAChord": "“{text}” is not a chord; write chords like C, Am, F#m7, Bb or G7.",
} as const;
