"""What a person tends to keep, learnt from their choices: told in sentences, struck out, and forgotten by one wish."""
