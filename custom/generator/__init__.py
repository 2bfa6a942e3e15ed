"""Writes the package of each contract that generator-config.yaml names. `make constructs` lists what it understands."""
