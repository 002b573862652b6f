"""Where in a recording somebody speaks: the request and its wire form; the answer is plain JSON."""
