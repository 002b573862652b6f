export const sound = {
  "sound.asleep": "Your browser allows sound only after a click or a key in this page. Press Play once more.",
  "sound.insecure":
    "This address is not secure, so your browser allows no live instruments: Play works, single notes stay silent. Open the page through https, or on the computer that runs it.",
  "sound.notMade": "The server could not make the sound. Try again in a moment.",
  "sound.recordingGone": "The recording of {name} cannot be played here, so its notes are.",
} as const;
