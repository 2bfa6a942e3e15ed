"""A local Sequence API to develop and test against: the documented data, behind keys with permissions.

It is an independent reading of openapi.yaml: it shares no code with the SDK, whose mistakes it is to catch.
"""

from .sandbox import Sandbox

__all__ = ["Sandbox"]
