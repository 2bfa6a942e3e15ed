"""The command `sequence`: both APIs at hand in a terminal."""
