"""Project files for audio workstations over exported stems: Reaper and DAWproject, from one time line."""
