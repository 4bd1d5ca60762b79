"""How passwords are kept: Argon2id at one of the costs that OWASP holds equal."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with 7 MiB of memory, five passes and one lane.

    Django's own costs, 100 MiB in eight lanes, are made for one sign-in at a time: here everybody who bids
    types the password in the last minutes before a deadline. Keys that open bids are locked at higher costs
    (`SEALING_COST`) with passphrases that nobody chose.
    """

    time_cost = 5
    memory_cost = 7 * 1024
    parallelism = 1
