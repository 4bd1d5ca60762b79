"""What publishers say their catalogues hold, to be held against what was read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """How many requirements a publisher counts, and where it says so."""

    count: int
    where: str


#: By code and by what the version begins with.
_COUNTS: dict[tuple[str, str], Published] = {
    ("ASVS", "5.0.0"): Published(345, "OWASP ASVS 5.0.0"),
    ("ASVS", "4.0.3"): Published(278, "OWASP ASVS 4.0.3"),
    ("BSIMM", "13"): Published(125, "BSIMM13"),
    ("BSIMM", "14"): Published(126, "BSIMM14"),
    ("BSIMM", "15"): Published(128, "BSIMM15"),
    ("CSF", "2.0"): Published(106, "NIST CSWP 29, appendix A"),
    ("MVSP", "v3.0"): Published(25, "MVSP 3.0"),
    ("NIST-SP-800-53-LOW-BASELINE", "5.1"): Published(149, "NIST SP 800-53B, table 3-1 ff."),
    ("NIST-SP-800-53-MODERATE-BASELINE", "5.1"): Published(287, "NIST SP 800-53B, table 3-1 ff."),
    ("NIST-SP-800-53-HIGH-BASELINE", "5.1"): Published(370, "NIST SP 800-53B, table 3-1 ff."),
    ("OWASP-SAMM", "2.1"): Published(90, "OWASP SAMM 2.1"),
    ("SCVS", "1.0"): Published(87, "OWASP SCVS 1.0"),
    ("SP-800-171", "3.0"): Published(97, "NIST SP 800-171 r3"),
    ("SSDF", "1.1"): Published(42, "NIST SP 800-218, table 1"),
    ("tw-annex10", ""): Published(80, "資通系統防護基準, 附表十"),
}


def published_count(code: str, version: str) -> Published | None:
    """What the publisher says of this edition, or None where we do not know."""
    return next(
        (known for (name, begin), known in _COUNTS.items() if name == code and version.startswith(begin)),
        None,
    )
