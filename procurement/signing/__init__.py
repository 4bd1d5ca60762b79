"""What the site signs and how anybody checks it: nothing here knows Django, a database or a clock.

``verify``   the verifier, one file that runs by itself: formats, hashes of the trail, hash trees, signatures
``keys``     the site's Ed25519 key in its file, and signing with it
``anchors``  the folder of checkpoints, to which files are only ever added
"""
