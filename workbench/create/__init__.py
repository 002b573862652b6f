"""Everything that makes notes: infilling, the Genie, accompaniment; their tokenisers, samplers and adapters."""
