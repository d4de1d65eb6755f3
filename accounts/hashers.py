"""How passwords are kept: Argon2id, in the measure that OWASP recommends for servers."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """19 MiB and two passes. Django's own measure takes 100 MiB of a web process at each sign-in.

    A password kept in another measure is rewritten in this one when its person signs in.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
