"""Measures and simulated players: the figures of the cards. Nothing else imports this."""
