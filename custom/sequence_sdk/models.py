"""What the API takes and answers with, as generated from openapi.yaml: `Transfer`, `TransferStatus` and the like."""

from sequence_api_client.models import *  # noqa: F403
