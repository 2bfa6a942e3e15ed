"""Models and operations of the Sequence Platform API v1, generated from openapi-platform.yaml.

Written with openapi-python-client 0.29.1; changes by hand are lost. By itself this package is a plain client:

    from sequence_platform_client import CONTRACT, api
    from sequence_runtime.transport import HTTPTransport

    async with HTTPTransport(CONTRACT, api_key) as transport:
        response = await api.list_accounts().send(transport)
"""

from . import api
from .contract import CONTRACT
from .webhooks import WEBHOOKS

__all__ = ("CONTRACT", "WEBHOOKS", "api")
