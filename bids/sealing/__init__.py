"""Sealed bids: keys, envelopes and what proves that nothing was touched.

Nothing here knows Django, a database or a clock, and nothing here keeps what it is given. Bytes go in, bytes
come out; who stores them, and who may ask, is decided on the floors above.

``refusals``     why something was not sealed, not opened or not unlocked
``canonical``    one text for one value (RFC 8785), moments to the millisecond, digests
``suite``        HPKE (RFC 9180) behind a format byte; keys of P-256 and their fingerprints
``padding``      sizes in steps of 1 MiB, so that a size says little
``parts``        the manifest and the files of a bid, each bound to its place; the commitment of a version
``locking``      a private key locked with a secret that somebody remembers (Argon2id)
``passphrases``  generated passphrases, and the ways in which people type them
``officers``     the keys of opening officers: enrolment, unlocking, the drill
``drafts``       what a vendor has not submitted yet, sealed to a key that their password unlocks
``shares``       an envelope's private key split between the system and any two officers
``wrapping``     the system key: what it has to do, and one that lies in a file
``hsm``          a system key that never leaves an HSM (PKCS#11)
``package``      what is published with a tender and what every bid is sealed under
"""
