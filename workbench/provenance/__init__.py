"""Who made what: authors of notes, the one record of a model's run, manifests."""
