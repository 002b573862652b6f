"""The Markov-chain infiller: the baseline, and the model that steps in for every other one."""
