"""Signatures of webhooks: HMAC-SHA256 over the time and the body, as payment providers do it."""

import hashlib
import hmac
import time

# A request that is older (or from a clock that is further ahead) is refused: it may be a repetition by somebody else.
TOLERANCE_SECONDS = 300


def sign(secret, timestamp, body):
    return hmac.new(secret.encode(), '{}.{}'.format(timestamp, body).encode(), hashlib.sha256).hexdigest()


def is_genuine(secret, timestamp, body, signature, now=None):
    """Whether the body was signed with the secret at that time (epoch seconds, as text), and not long ago."""
    if not timestamp.isdigit() or len(timestamp) > 12:
        return False
    age = (time.time() if now is None else now) - int(timestamp)
    return abs(age) <= TOLERANCE_SECONDS and hmac.compare_digest(sign(secret, timestamp, body), signature)
