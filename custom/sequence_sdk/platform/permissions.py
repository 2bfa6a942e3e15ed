"""What the API keys of the platform API grant."""

from __future__ import annotations

from sequence_platform_client import CONTRACT

from .. import permissions


class Permissions(permissions.Permissions):
    __doc__ = permissions.Permissions.__doc__

    contract = CONTRACT

    @staticmethod
    def recording() -> RecordingPermissions:
        """Permissions that refuse nothing and collect a small set that a program needed while it ran."""
        return RecordingPermissions()


class RecordingPermissions(permissions.RecordingPermissions, Permissions):
    __doc__ = permissions.RecordingPermissions.__doc__
