"""Models and operations of the Sequence API v1, generated from openapi.yaml.

Written with openapi-python-client 0.29.1; changes by hand are lost. By itself this package is a plain client:

    from sequence_api_client import CONTRACT, api
    from sequence_runtime.transport import HTTPTransport

    async with HTTPTransport(CONTRACT, api_key) as transport:
        response = await api.list_accounts().send(transport)
"""

from . import api
from .contract import CONTRACT

__all__ = ("CONTRACT", "api")
