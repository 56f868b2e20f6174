"""The demo's organisations, sites, rooms and specialties."""

from clinic.kernel.db import db
from clinic.sites.models import Organisation, ServicePoint, Site
from clinic.sites.rules import PointKind
from clinic.sites.services import set_usual_hours
from clinic.specialties.models import Specialty, SpecialtyPoint

ORGANISATIONS = (
    ("DWWT", "DEMO clinic organisation", "DENEME klinik kuruluşu", "منظمة العيادة التجريبية"),
    ("IBC", "DEMO community organisation", "DENEME toplum kuruluşu", "منظمة المجتمع التجريبية"),
    ("SSG", "DEMO social organisation", "DENEME sosyal kuruluş", "المنظمة الاجتماعية التجريبية"),
    ("MOH", "DEMO Provincial Health Directorate", "DENEME İl Sağlık Müdürlüğü", "مديرية الصحة التجريبية"),
)
SITES = (
    ("DWWT", "FATIH", "Fatih clinic", "Fatih polikliniği", "عيادة الفاتح"),
    ("IBC", "SULTANBEYLI", "Sultanbeyli community centre", "Sultanbeyli toplum merkezi", "مركز سلطان بيلي المجتمعي"),
    ("MOH", "HATAY", "Hatay health centre", "Hatay sağlık merkezi", "مركز هاتاي الصحي"),
    ("SSG", "ANTAKYA", "Antakya multi-service centre", "Antakya çok amaçlı merkezi", "مركز أنطاكيا متعدد الخدمات"),
)
CLINIC = "FATIH"
SPECIALTIES = (
    ("GP", "General practice", "Genel pratisyen", "الطب العام"),
    ("PED", "Paediatrics", "Çocuk sağlığı", "طب الأطفال"),
    ("GYN", "Gynaecology", "Kadın hastalıkları", "النسائية"),
    ("INT", "Internal medicine", "İç hastalıkları", "الداخلية"),
    ("SUR", "General surgery", "Genel cerrahi", "الجراحة العامة"),
)
ROOMS = (
    ("TRIAGE", PointKind.TRIAGE, "T", "Triage", "Triyaj", "الفرز"),
    ("LAB", PointKind.LABORATORY, "L", "Laboratory", "Laboratuvar", "المختبر"),
    ("PHARMACY", PointKind.PHARMACY, "E", "Pharmacy", "Eczane", "الصيدلية"),
    ("ROOM6", PointKind.ROOM, "6", "Room 6", "Oda 6", "الغرفة 6"),
)


def create_places() -> dict[str, Site]:
    """Create organisations, sites and the clinic's rooms; return the sites by code."""
    organisations = {code: Organisation(code=code, **_named(*names)) for code, *names in ORGANISATIONS}
    db.session.add_all(organisations.values())
    db.session.flush()
    sites = {
        code: Site(organisation_id=organisations[owner].id, code=code, phone="0212 000 10 10", **_named(*names))
        for owner, code, *names in SITES
    }
    db.session.add_all(sites.values())
    db.session.flush()
    _open(sites[CLINIC])
    return sites


def _open(clinic: Site) -> None:
    set_usual_hours(clinic.id)
    for position, (code, kind, room, *names) in enumerate(ROOMS, start=len(SPECIALTIES)):
        db.session.add(
            ServicePoint(site_id=clinic.id, code=code, kind=kind, room=room, position=position, **_named(*names))
        )
    for position, (code, *names) in enumerate(SPECIALTIES):
        point = ServicePoint(
            site_id=clinic.id,
            code=code,
            kind=PointKind.SPECIALTY,
            room=str(position + 1),
            position=position,
            **_named(*names),
        )
        db.session.add_all([Specialty(code=code, position=position, **_named(*names)), point])
        db.session.flush()
        db.session.add(SpecialtyPoint(service_point_id=point.id, specialty_code=code))
    db.session.flush()


def _named(english: str, turkish: str, arabic: str) -> dict[str, str]:
    return {"name_en": english, "name_tr": turkish, "name_ar": arabic}
