"""From any mixture of words, singing, a recording, a score's picture, a video and notes to a piece.

The prompts become one brief, the piece is written under it, and a card says how well each prompt was obeyed.
"""
