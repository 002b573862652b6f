"""Where a model's files come from: a local folder, this installation, the cache, then their source; checked by hash."""
