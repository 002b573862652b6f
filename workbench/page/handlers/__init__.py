"""What answers each message of a page: one file a family, each with its rows (``ROWS``) for the table."""
