"""What a person told as an allergy may mean, in three languages and by trade names: the group it belongs to.

Sources: the ATC index for the groups; trade names as sold in Türkiye and Syria. Not confirmed by the clinic.
"""

from clinic.chart.rules.facts import AllergyGroup
from clinic.kernel.text import fold

_SHORTEST_NAME = 4
# Words of a medicine's name that are a salt or a form, and harm nobody by themselves.
_NO_NAMES = frozenset({"acid", "salt", "salts", "oral", "human", "soluble", "isophane", "trometamol"}) | frozenset(
    {"sodium", "potassium", "calcium", "magnesium", "aluminium", "sulfate", "sulphate", "chloride", "bromide"}
    | {"carbonate", "hydroxide", "valerate", "acetate"}
)
# Sulfates and sulfites are no sulfonamides.
_NO_SULFA = ("sulfat", "sulphat", "sulfit", "sulphit", "سلفات", "سولفات", "سلفيت")

# Beginnings of folded words (a low line is a blank): the ending matters to nobody, amoxicillin or amoksisilin.
_BEGINNINGS: dict[AllergyGroup, str] = {
    AllergyGroup.PENICILLIN: """
        penicil penisil amoxi amoksi ampici ampisi augment largopen klamoks amoklav deposilin
        بنسل بنيسل بينسل اموكس اوغمنت اوجمنت امبيس""",
    AllergyGroup.CEPHALOSPORIN: """
        cephal cefal sefal ceft seft cefi sefi cefu sefu cefa sefa rocephin rosefin
        سيفا سيفي سيفت سيفو سيفك روسيف""",
    AllergyGroup.MACROLIDE: """
        macrolid makrolid azithro azitro clarithro klaritro erythro eritro zitrom klacid
        ماكرول ازيتر كلاريتر اريتر زيتروم""",
    AllergyGroup.SULFONYLUREA: "sulfonylur sulfonilur glicla glikla gliben glimep غليكلا جليكلا غليبن غليمب جليمب",
    AllergyGroup.SULFONAMIDE_NON_ANTIBIOTIC: """
        hydrochlorothiaz hidroklorotiyaz furosem lasix lasiks هيدروكلورو فوروس لازكس""",
    AllergyGroup.SULFONAMIDE: """
        sulfa sulpha sulfon co_trimox cotrimox kotrimoks bactrim baktrim septrin
        سلفا سولفا سلفون باكتريم بكتريم كوتريم""",
    AllergyGroup.FLUOROQUINOLONE: """
        quinolon kinolon ciproflo siproflo levoflo moxiflo moksiflo cipro سيبرو ليفوفل موكسيفل كينولون""",
    AllergyGroup.TETRACYCLINE: "tetracyc tetrasik tetrasayk doxycyc doksisik تتراس دوكسي",
    AllergyGroup.AMINOGLYCOSIDE: """
        aminogly gentami amikac amikas neomy neomi streptomy streptomi جنتام اميكاس نيوم ستربتوم""",
    AllergyGroup.NITROIMIDAZOLE: "metronid flagyl ornidazol tinidaz ميترون فلاجيل",
    AllergyGroup.AZOLE: """
        fluconaz flukonaz ketoconaz ketokonaz itraconaz itrakonaz clotrimaz klotrimaz miconaz mikonaz فلوكون كيتوكون""",
    AllergyGroup.NSAID: """
        nsaid aspirin asprin acetylsal asetilsal ibuprof diclof diklof naprox naproks ketoprof ketorol voltaren brufen
        majezik اسبرين ايبوبر بروفين ديكلوف فولتار نابروك""",
    AllergyGroup.ACE_INHIBITOR: "enalap captop kaptop ramip lisinop perindop ace_inhib انالاب كابتوب راميب ليزينوب",
    AllergyGroup.ARB: "losart valsart candesart kandesart irbesart telmisart لوسارت فالسارت كانديسارت",
    AllergyGroup.STATIN: "statin atorva simvas rosuva pravas ستاتين اتورفا سيمفاس روسوفا",
    AllergyGroup.IODINE: "iodin iyot povidon betadin batikon contrast kontrast يود بيتادين",
    AllergyGroup.LATEX: "latex lateks لاتكس",
    AllergyGroup.EGG: "egg yumurta بيض",
    AllergyGroup.NUT: "nut peanut hazelnut walnut almond pistach findik fistik ceviz badem فستق جوز بندق لوز مكسرات",
}

# Groups whose members may harm together though they are not one; the doctor is asked, not stopped.
_KIN = {
    frozenset({AllergyGroup.PENICILLIN, AllergyGroup.CEPHALOSPORIN}),
    frozenset({AllergyGroup.SULFONAMIDE, AllergyGroup.SULFONAMIDE_NON_ANTIBIOTIC}),
    frozenset({AllergyGroup.SULFONAMIDE, AllergyGroup.SULFONYLUREA}),
}


def group_of(substance: str) -> AllergyGroup | None:
    """Return the group that a substance told in Arabic, Turkish or English belongs to; None where none is known."""
    told = " ".join(["", *(word for word in fold(substance).split() if not word.startswith(_NO_SULFA))])
    spellings = (told, told.replace(" ال", " "))
    for group, beginnings in _BEGINNINGS.items():
        for beginning in beginnings.split():
            if any(f" {beginning.replace('_', ' ')}" in spelling for spelling in spellings):
                return group
    return None


def is_kin(one: AllergyGroup, other: AllergyGroup) -> bool:
    """Tell whether an allergy to one group asks for caution with the other."""
    return frozenset({one, other}) in _KIN


def names_same(substance: str, inn: str) -> bool:
    """Tell whether an allergy told by name is to the medicine `inn`, or to one of its parts."""
    told = set(fold(substance).split())
    parts = fold(inn.replace("+", " ").replace("(", " ").replace(")", " ")).split()
    return any(part in told for part in parts if len(part) >= _SHORTEST_NAME and part not in _NO_NAMES)
