"""Says which APIs a key opens, and what they do otherwise than their contracts say. It only reads.

python -m sequence_sdk doctor
"""
