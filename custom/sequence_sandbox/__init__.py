"""A local Sequence API to develop and test against: the documented data, behind keys with permissions.

It is an independent reading of openapi.yaml: it shares no code with the SDK, whose mistakes it is to catch.
"""

try:
    from .sandbox import Sandbox
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"the sandbox needs {error.name}: install the extra, as in pip install 'sequence-sdk[sandbox]'", name=error.name
    ) from error

__all__ = ["Sandbox"]
