"""What the story's tenders ask, for readers of English."""

#: Requirements by code: what is asked, and the evidence.
REQUIREMENTS = {
    "R03": (
        "Remote maintenance signs in with several factors, is approved each time and recorded on video",
        "Settings and a demonstration",
    ),
    "R05": ("Privileged accounts are managed and not shared", "Settings"),
    "R06": (
        "What is delivered is proved to hold no malicious code and no back door",
        "Test report of a third party",
    ),
    "R07": (
        "Beneficial owners from 25% and the country of control are named",
        "Declaration and entries of the register",
    ),
    "R09": ("Grave security incidents are told to the bank within one hour", "Letter of commitment"),
    "R10": ("The bank, its authority and whom they name may audit", "Letter of commitment"),
    "R11": (
        "Critical vulnerabilities are fixed within 14 days, with proof",
        "Patch records of the last 12 months",
    ),
    "R12": (
        "Each version comes with a software bill of materials and the licences",
        "The list of the latest version",
    ),
    "R13": ("Logs go to the SIEM at once, with their integrity protected", "Test record of the connection"),
}

#: Criteria by code.
CRITERIA = {
    "S": "Security",
    "S1": "Vulnerabilities and patches",
    "S2": "Monitoring, logs and incidents",
    "S3": "Supply chain and components",
    "Q": "Quality and operation",
    "Q1": "Delivery and cut-over",
    "Q2": "Operation and local service",
    "P": "Price (total of three years)",
}
