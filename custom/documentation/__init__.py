"""Writes the pages of the site: those of docs/, and those that are made of the code and of the contracts."""
