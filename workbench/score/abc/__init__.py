"""ABC tunes: header fields, the tune's notes, and the score they make."""
