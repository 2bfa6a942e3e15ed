"""The platform API, `/platform/v1`: its client, its models, and what its API keys grant."""

from . import models as models
from .balances import AccountBalance as AccountBalance, Balances as Balances
from .client import PlatformClient as PlatformClient
from .permissions import Permissions as Permissions, RecordingPermissions as RecordingPermissions
