/** What is said in notebooks alone; `saved` and below stand in the saved file, where no program runs. */
export const notebook = {
  "notebook.waiting": "Waiting for Python …",
  "notebook.busy": "Python is busy. What you do here is kept and reaches it as soon as it is free.",
  "notebook.silent": "Python does not answer. Is the kernel running?",
  "notebook.fileMissing": "The file {name} is not part of this installation.",
  "notebook.refused":
    "Something you did here no longer fitted what Python had changed meanwhile, so it was left out. Do it again if you want it.",
  "notebook.rejoined": "The page and Python had drifted apart; the page now shows what Python has.",
  "notebook.piece": "{title}: {tracks} tracks, {notes} notes",
  "notebook.untitled": "Untitled",
  "notebook.picture": "Piano roll of {title}",
  "notebook.picturePart": "Piano roll of the first {bars} bars of {title}",
  "notebook.sound": "The first {seconds} seconds",
  "notebook.saved": "As it was saved. Run the cell to play and edit it.",
  "notebook.needsKernel": "The widget needs a running kernel; the picture below needs none.",
  "notebook.take": "Take {number}",
} as const;
