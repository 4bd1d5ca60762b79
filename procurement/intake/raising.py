"""The rules of the intake: which answers raise class, level, tier or circumstance, why, and by which source.

A rule holds when every answer that it names is given, or a more demanding one. Rules only ever raise, so that
a worse answer can never lower a result.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from procurement.catalogues.baseline import LEVELS
from procurement.intake.questions import BY_CODE, Answers, chosen
from procurement.intake.words import CLASSIFICATION, ENFORCEMENT, OUTSOURCING, SUPPLY_CHAIN, gettext_noop

#: What a rule raises, and its values from the weakest to the strongest.
CLASS, LEVEL, TIER, CIRCUMSTANCE, SCOPE = "class", "level", "tier", "circumstance", "scope"
CLASSES = ("3", "2", "1")
TIERS = ("none", "low", "medium", "high")
SCALES: Mapping[str, tuple[str, ...]] = {CLASS: CLASSES, LEVEL: LEVELS, TIER: TIERS}


@dataclass(frozen=True, slots=True)
class Rule:
    """If the answers are at least these, then `on` is at least `value`, for this reason, by this source."""

    needs: Mapping[str, str]
    on: str
    value: str
    why: str
    source: str

    def holds(self, answers: Answers) -> bool:
        """Whether every answer that it names is given, or a more demanding one."""
        return all(self._is_met(answers, code, option) for code, option in self.needs.items())

    @staticmethod
    def _is_met(answers: Answers, code: str, option: str) -> bool:
        given, question = chosen(answers, code), BY_CODE[code]
        return option in given if question.several else question.rank(given[0]) >= question.rank(option)


def _rule(on: str, value: str, why: str, source: str, **needs: str) -> Rule:
    return Rule(needs, on, value, why, source)


RULES: tuple[Rule, ...] = (
    # --- system class ------------------------------------------------------------------------------------
    _rule(
        CLASS,
        "2",
        gettext_noop("It supports a Class 1 system or faces customers."),
        SUPPLY_CHAIN,
        system="supports",
    ),
    _rule(
        CLASS,
        "1",
        gettext_noop("Cash machines, tellers, SWIFT and core are Class 1."),
        SUPPLY_CHAIN,
        system="class1",
    ),
    _rule(CLASS, "1", gettext_noop("Cash machines are Class 1."), SUPPLY_CHAIN, bought="atm-endpoint"),
    _rule(
        CLASS,
        "1",
        gettext_noop("Core banking and payments are Class 1."),
        SUPPLY_CHAIN,
        bought="core-payment",
    ),
    _rule(
        CLASS, "2", gettext_noop("Internet banking faces customers."), SUPPLY_CHAIN, bought="internet-banking"
    ),
    _rule(CLASS, "2", gettext_noop("A mobile app faces customers."), SUPPLY_CHAIN, bought="mobile-app"),
    _rule(CLASS, "2", gettext_noop("Its failure hits customers everywhere."), SUPPLY_CHAIN, impact="all"),
    # --- protection level --------------------------------------------------------------------------------
    _rule(
        LEVEL,
        "medium",
        gettext_noop("Personal data that leaks does serious harm (confidentiality, law)."),
        CLASSIFICATION,
        data="personal",
    ),
    _rule(
        LEVEL,
        "high",
        gettext_noop("Accounts, transactions or sign-in data that leak or change do very serious harm."),
        CLASSIFICATION,
        data="financial",
    ),
    _rule(
        LEVEL,
        "medium",
        gettext_noop("Everybody on the internet can try it."),
        CLASSIFICATION,
        exposure="internet",
    ),
    _rule(
        LEVEL,
        "medium",
        gettext_noop("Customers who cannot be served are serious harm (availability)."),
        CLASSIFICATION,
        impact="some",
    ),
    _rule(
        LEVEL,
        "high",
        gettext_noop("Customers everywhere, or money that moves wrongly, are very serious harm."),
        CLASSIFICATION,
        impact="all",
    ),
    _rule(
        LEVEL,
        "medium",
        gettext_noop("What Class 1 leans on is at least 中."),
        CLASSIFICATION,
        system="supports",
    ),
    _rule(LEVEL, "high", gettext_noop("A Class 1 system is 高."), CLASSIFICATION, system="class1"),
    _rule(
        LEVEL,
        "high",
        gettext_noop("Cash machines are a Class 1 system, and so 高."),
        CLASSIFICATION,
        bought="atm-endpoint",
    ),
    _rule(
        LEVEL,
        "high",
        gettext_noop("Core and payments are a Class 1 system, and so 高."),
        CLASSIFICATION,
        bought="core-payment",
    ),
    # --- outsourcing risk tier ---------------------------------------------------------------------------
    _rule(
        TIER,
        "low",
        gettext_noop("The vendor can reach the system from outside."),
        OUTSOURCING,
        operator="remote",
    ),
    _rule(
        TIER,
        "medium",
        gettext_noop("The vendor does the work for the bank, which stays responsible."),
        OUTSOURCING,
        operator="vendor",
    ),
    _rule(TIER, "low", gettext_noop("It stands on somebody else’s premises."), OUTSOURCING, place="hosted"),
    _rule(TIER, "medium", gettext_noop("The cloud articles apply."), OUTSOURCING, place="cloud"),
    _rule(
        TIER,
        "high",
        gettext_noop("The offshore articles apply: other countries’ law reaches the data."),
        OUTSOURCING,
        place="abroad",
    ),
    _rule(
        TIER,
        "medium",
        gettext_noop("A service from the cloud is the vendor’s operation."),
        OUTSOURCING,
        bought="saas-cloud",
    ),
    _rule(
        TIER,
        "medium",
        gettext_noop("Personal data stands outside the bank."),
        OUTSOURCING,
        place="hosted",
        data="personal",
    ),
    _rule(
        TIER,
        "high",
        gettext_noop("Accounts or transactions stand in a public cloud."),
        OUTSOURCING,
        place="cloud",
        data="financial",
    ),
    _rule(
        TIER,
        "high",
        gettext_noop("The vendor operates what holds accounts or transactions."),
        OUTSOURCING,
        operator="vendor",
        data="financial",
    ),
    _rule(
        TIER,
        "medium",
        gettext_noop("The vendor can reach a Class 1 system from outside."),
        OUTSOURCING,
        operator="remote",
        system="class1",
    ),
    _rule(
        TIER,
        "high",
        gettext_noop("The vendor operates a Class 1 system."),
        OUTSOURCING,
        operator="vendor",
        system="class1",
    ),
    # --- circumstances on which single requirements depend -----------------------------------------------
    _rule(
        CIRCUMSTANCE,
        "remote",
        gettext_noop("Remote maintenance is asked about."),
        OUTSOURCING,
        operator="remote",
    ),
    _rule(
        CIRCUMSTANCE,
        "outsourced",
        gettext_noop("Exit, data and audit of outsourcing are asked about."),
        OUTSOURCING,
        operator="vendor",
    ),
    _rule(
        CIRCUMSTANCE,
        "outsourced",
        gettext_noop("Exit, data and audit of hosting are asked about."),
        OUTSOURCING,
        place="hosted",
    ),
    _rule(
        CIRCUMSTANCE,
        "cloud",
        gettext_noop("Data location and exit from the cloud are asked about."),
        OUTSOURCING,
        place="cloud",
    ),
    _rule(
        CIRCUMSTANCE,
        "cloud",
        gettext_noop("Data location and exit of the service are asked about."),
        OUTSOURCING,
        bought="saas-cloud",
    ),
    _rule(
        CIRCUMSTANCE, "abroad", gettext_noop("Access from abroad needs consent."), OUTSOURCING, place="abroad"
    ),
    _rule(
        CIRCUMSTANCE,
        "partners",
        gettext_noop("Segments between partners and the bank are asked about."),
        CLASSIFICATION,
        exposure="partners",
    ),
    _rule(
        CIRCUMSTANCE,
        "internet",
        gettext_noop("Exposure to the internet is asked about."),
        CLASSIFICATION,
        exposure="internet",
    ),
    _rule(
        CIRCUMSTANCE,
        "internet",
        gettext_noop("Internet banking is exposed to the internet."),
        CLASSIFICATION,
        bought="internet-banking",
    ),
    _rule(
        CIRCUMSTANCE,
        "internet",
        gettext_noop("A mobile app talks over the internet."),
        CLASSIFICATION,
        bought="mobile-app",
    ),
    _rule(
        CIRCUMSTANCE,
        "sensitive",
        gettext_noop("Encryption and use of personal data are asked about."),
        CLASSIFICATION,
        data="personal",
    ),
    _rule(
        CIRCUMSTANCE,
        "development",
        gettext_noop("Source scans and components of custom code are asked about."),
        ENFORCEMENT,
        bought="custom-development",
    ),
    _rule(
        CIRCUMSTANCE,
        "development",
        gettext_noop("Source scans and components of the app are asked about."),
        ENFORCEMENT,
        bought="mobile-app",
    ),
    _rule(
        CIRCUMSTANCE,
        "third-party-test",
        gettext_noop("A core system needs a third-party test."),
        ENFORCEMENT,
        system="class1",
    ),
    _rule(
        CIRCUMSTANCE,
        "third-party-test",
        gettext_noop("Cash machines need a third-party test."),
        ENFORCEMENT,
        bought="atm-endpoint",
    ),
    _rule(
        CIRCUMSTANCE,
        "third-party-test",
        gettext_noop("Core and payments need a third-party test."),
        ENFORCEMENT,
        bought="core-payment",
    ),
    _rule(
        CIRCUMSTANCE,
        "third-party-test",
        gettext_noop("From NT$10 million a third-party test is needed."),
        ENFORCEMENT,
        price="from-10m",
    ),
    _rule(
        CIRCUMSTANCE,
        "third-party-test",
        gettext_noop("Personal data that the internet can reach needs a third-party test."),
        ENFORCEMENT,
        exposure="internet",
        data="personal",
    ),
    # --- scope of the supply chain rules -----------------------------------------------------------------
    _rule(
        SCOPE,
        "yes",
        gettext_noop("Every Class 1 purchase is in scope of the supply chain rules."),
        SUPPLY_CHAIN,
        system="class1",
    ),
    _rule(
        SCOPE,
        "yes",
        gettext_noop("Cash machines are in scope of the supply chain rules."),
        SUPPLY_CHAIN,
        bought="atm-endpoint",
    ),
    _rule(
        SCOPE,
        "yes",
        gettext_noop("Core and payments are in scope of the supply chain rules."),
        SUPPLY_CHAIN,
        bought="core-payment",
    ),
    _rule(
        SCOPE,
        "yes",
        gettext_noop("From NT$10 million a purchase is in scope of the supply chain rules."),
        SUPPLY_CHAIN,
        price="from-10m",
    ),
)
