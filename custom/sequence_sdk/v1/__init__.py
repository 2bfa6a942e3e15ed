"""The API v1: its client and its resources, and the permissions of its keys."""
