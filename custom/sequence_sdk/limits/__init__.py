"""Keeps a rate limit that several processes share."""

from .redis_limit import RedisRateLimit

__all__ = ("RedisRateLimit",)
