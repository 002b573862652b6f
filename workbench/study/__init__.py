"""Studies with people: their plan and conditions, consent, the interaction log, replay, and the tables at the end."""
