"""The beats of a recording: the request, the guard of the answer, its wire form, the public suite."""
