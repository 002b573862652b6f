"""The embedded infilling transformer: from a request to jobs, draws, rules and notes."""
