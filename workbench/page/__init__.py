"""One person's page on the server, the same for every host: its messages, jobs, media and exports."""
