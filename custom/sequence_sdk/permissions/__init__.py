"""Declares what an API key grants, so that what the server would refuse is refused before it is sent."""

from .declared import Permissions, RecordingPermissions

__all__ = ("Permissions", "RecordingPermissions")
