"""The people of the demo: a staff of twenty at the clinic, its logistician, an officer at each other site: invented."""

from dataclasses import dataclass

from clinic.auth import services as auth
from clinic.auth.roles import Role
from clinic.kernel.db import db
from clinic.sites.models import Site
from clinic.specialties.models import Practice


@dataclass(frozen=True)
class Member:
    """One member of the demo's staff."""

    username: str
    name: str
    name_ar: str
    language: str
    roles: tuple[Role, ...]
    practises: tuple[str, ...] = ()
    site: str = "FATIH"


_R = Role
STAFF = (
    Member("meryem", "Meryem Kaya", "مريم كايا", "tr", (_R.REGISTRAR,)),
    Member("ayse", "Ayşe Gür", "عائشة غور", "tr", (_R.REGISTRAR,)),
    Member("omar", "Omar Siraj", "عمر سراج", "ar", (_R.REGISTRAR,)),
    Member("salma", "Salma Bakir", "سلمى باكير", "ar", (_R.REGISTRAR,)),
    Member("emre", "Emre Taş", "إمرة طاش", "tr", (_R.REGISTRAR,)),
    Member("huda", "Huda Nasri", "هدى نصري", "ar", (_R.REGISTRAR, _R.NURSE, _R.LABORATORY)),
    Member("melis", "Melis Doğan", "مليس دوغان", "en", (_R.MANAGER,)),
    Member("admin", "Deniz Ural", "دنيز أورال", "en", (_R.ADMINISTRATOR,)),
    Member("derya", "Derya Yalın", "دريا يالن", "tr", (_R.NURSE,)),
    Member("khadija", "Khadija Omran", "خديجة عمران", "ar", (_R.NURSE,)),
    Member("nurse3", "Lina Sabbagh", "لينا صباغ", "en", (_R.NURSE, _R.LABORATORY)),
    Member("gp", "Dr Murad Tekin", "د. مراد تكين", "en", (_R.DOCTOR,), ("GP", "INT")),
    Member("rana", "Dr Rana Khatib", "د. رنا الخطيب", "ar", (_R.DOCTOR,), ("PED", "GP")),
    Member("gyn", "Dr Selma Aydın", "د. سلمى آيدن", "tr", (_R.DOCTOR,), ("GYN",)),
    Member("internist", "Dr Nabil Farah", "د. نبيل فرح", "ar", (_R.DOCTOR,), ("INT", "GP")),
    Member("surgeon", "Dr Tarik Erdem", "د. طارق إردم", "tr", (_R.DOCTOR,), ("SUR",)),
    Member("samer", "Samer Najjar", "سامر نجار", "en", (_R.PHARMACIST,)),
    Member("ebru", "Ebru Şahin", "إبرو شاهين", "tr", (_R.INTERPRETER,)),
    Member("walid", "Walid Hamdan", "وليد حمدان", "ar", (_R.INTERPRETER,)),
    Member("zeynep", "Zeynep Arıkan", "زينب أريكان", "tr", (_R.INTERPRETER,)),
    Member("levent", "Levent Polat", "ليفنت بولات", "tr", (_R.LOGISTICS,)),
    Member("finance", "Figen Okan", "فيغن أوكان", "tr", (_R.FINANCE,)),
    Member("lead", "Leyla Moran", "ليلى موران", "en", (_R.PROJECT_LEAD,)),
    Member("inspector", "Cem Demirel", "جم دميرل", "tr", (_R.INSPECTOR,)),
    Member("giver", "Gül Lindova", "غول ليندوفا", "en", (_R.GIVER,)),
    Member("custodian", "Rami Haddad", "رامي حداد", "ar", (_R.CUSTODIAN,)),
    Member("receiver", "Rukiye Balcı", "رقية بالجي", "tr", (_R.RECEIVER,), site="HATAY"),
    Member("receiver2", "Taner Işık", "تانر إشيك", "tr", (_R.RECEIVER,), site="HATAY"),
    Member("sultanbeyli", "Canan Öz", "جانان أوز", "tr", (_R.MANAGER,), site="SULTANBEYLI"),
    Member("antakya", "Bassel Haddad", "باسل حداد", "ar", (_R.MANAGER,), site="ANTAKYA"),
)


def create_staff(sites: dict[str, Site], *, password: str) -> dict[str, int]:
    """Create every account with one password and return the users' ids by account name."""
    return {member.username: _create(member, sites[member.site], password) for member in STAFF}


def _create(member: Member, site: Site, password: str) -> int:
    user_id, _ = auth.create_user(
        organisation_id=site.organisation_id,
        username=member.username,
        name_latin=member.name,
        name_ar=member.name_ar,
        language=member.language,
        password=password,
    )
    auth.grant(user_id, site_id=site.id, roles=member.roles)
    db.session.add_all(
        Practice(user_id=user_id, specialty_code=code, is_default=place == 0)
        for place, code in enumerate(member.practises)
    )
    db.session.flush()
    return user_id
