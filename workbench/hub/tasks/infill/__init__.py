"""Filling gaps: the request and its wishes, which notes of it stay, the guard, a part of an idea again, the suite."""
