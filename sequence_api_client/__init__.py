"""Models and operations of the Sequence API v1, generated from openapi.yaml.

Written by `make generate` with openapi-python-client 0.29.1; changes by hand are lost. `sequence_sdk` is the
layer that programs import: it adds connections, errors, permissions and pagination.
"""

from .client import CheckedResource, Operation, Request, Transport
from .types import Open, OpenEnum, OpenObject

__all__ = ("CheckedResource", "Open", "OpenEnum", "OpenObject", "Operation", "Request", "Transport")
