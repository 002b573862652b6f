"""A class around one computer: the addresses it is reached by, HTTPS of its own, a code, and the teacher's page."""
