"""Who may do what: the one table of roles and permissions.

Source: the authorisation matrix agreed with the clinic. Holding ADMINISTRATOR gives no clinical read.
"""

from enum import StrEnum

from clinic.kernel.text import N_, Worded


class Role(Worded):
    """A post that a person holds tonight; one person may hold several."""

    REGISTRAR = "REGISTRAR", N_("Registration")
    NURSE = "NURSE", N_("Nurse")
    DOCTOR = "DOCTOR", N_("Doctor")
    LABORATORY = "LABORATORY", N_("Laboratory")
    PHARMACIST = "PHARMACIST", N_("Pharmacy")
    INTERPRETER = "INTERPRETER", N_("Interpreter")
    MANAGER = "MANAGER", N_("Manager")
    LOGISTICS = "LOGISTICS", N_("Logistics")
    FINANCE = "FINANCE", N_("Finance")
    PROJECT_LEAD = "PROJECT_LEAD", N_("Project lead")
    INSPECTOR = "INSPECTOR", N_("Inspector")
    GIVER = "GIVER", N_("Giver")
    CUSTODIAN = "CUSTODIAN", N_("Custodian")
    RECEIVER = "RECEIVER", N_("Receiver")
    ADMINISTRATOR = "ADMINISTRATOR", N_("Administration")


class Permission(StrEnum):
    """One thing that a route may ask for."""

    PATIENT_SEARCH = "patient.search"
    PATIENT_REGISTER = "patient.register"
    VISIT_CHECK_IN = "visit.check_in"
    TRIAGE = "triage.record"
    CHART_READ = "chart.read"
    CHART_WRITE = "chart.write"
    CONSULT = "consultation.write"
    PRESCRIBE = "prescription.write"
    LAB = "laboratory.work"
    DISPENSE = "dispense.write"
    STOCK_READ = "stock.read"
    STOCK_WRITE = "stock.write"
    EVENING_READ = "evening.read"
    EVENING_CLOSE = "evening.close"
    REPORT_READ = "report.read"
    INTERPRET = "interpreting.read"
    ASSET_READ = "asset.read"
    ASSET_WRITE = "asset.write"
    BATCH_READ = "batch.read"
    BATCH_WRITE = "batch.write"
    BATCH_FINANCE = "batch.approve_finance"
    BATCH_LEAD = "batch.approve_lead"
    BATCH_INSPECT = "batch.inspect"
    SIGN_GIVER = "certificate.sign_giver"
    SIGN_CUSTODIAN = "certificate.sign_custodian"
    RECEIVE = "certificate.receive"
    USERS = "users.manage"


_P = Permission

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.REGISTRAR: frozenset({_P.PATIENT_SEARCH, _P.PATIENT_REGISTER, _P.VISIT_CHECK_IN, _P.EVENING_READ}),
    Role.NURSE: frozenset({_P.PATIENT_SEARCH, _P.VISIT_CHECK_IN, _P.TRIAGE, _P.CHART_READ, _P.CHART_WRITE}),
    Role.DOCTOR: frozenset({_P.CHART_READ, _P.CHART_WRITE, _P.CONSULT, _P.PRESCRIBE}),
    Role.LABORATORY: frozenset({_P.LAB}),
    Role.PHARMACIST: frozenset({_P.DISPENSE, _P.STOCK_READ, _P.STOCK_WRITE}),
    Role.INTERPRETER: frozenset({_P.INTERPRET}),
    Role.MANAGER: frozenset({_P.EVENING_READ, _P.EVENING_CLOSE, _P.REPORT_READ, _P.STOCK_READ, _P.ASSET_READ}),
    Role.LOGISTICS: frozenset({_P.ASSET_READ, _P.ASSET_WRITE, _P.BATCH_READ, _P.BATCH_WRITE}),
    Role.FINANCE: frozenset({_P.ASSET_READ, _P.BATCH_READ, _P.BATCH_FINANCE}),
    Role.PROJECT_LEAD: frozenset({_P.ASSET_READ, _P.BATCH_READ, _P.BATCH_LEAD}),
    Role.INSPECTOR: frozenset({_P.ASSET_READ, _P.BATCH_READ, _P.BATCH_INSPECT}),
    Role.GIVER: frozenset({_P.BATCH_READ, _P.SIGN_GIVER}),
    Role.CUSTODIAN: frozenset({_P.BATCH_READ, _P.SIGN_CUSTODIAN}),
    Role.RECEIVER: frozenset({_P.BATCH_READ, _P.RECEIVE}),
    Role.ADMINISTRATOR: frozenset({_P.USERS}),
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Return all that the holder of `roles` may do."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))
