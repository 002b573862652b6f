"""Pictures of a score as music: the request, its wire form, the public suite."""
