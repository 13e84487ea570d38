"""KMS: moto makes an RSA key pair for every key, symmetric ones too, which takes longer than all the rest of a deployment."""

from __future__ import annotations

from functools import cache


def apply() -> None:
    """One key pair a kind for the whole process. Nothing here signs, and symmetric keys have key material of their own."""
    from moto.kms import models

    models.generate_private_key = cache(models.generate_private_key)
