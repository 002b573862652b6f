"""One folder a task: its request, the guard of its results, its wire form and its conformance suite."""
