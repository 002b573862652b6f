"""Filling gaps: the request and its wishes, the guard of the result, and a part of an idea tried again."""
