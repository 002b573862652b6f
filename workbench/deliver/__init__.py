"""What a person takes away: stems, projects for audio workstations, and the table of formats."""
