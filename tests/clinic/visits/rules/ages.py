from clinic.patients.rules import Age


def months(least: int, most: int | None = None) -> Age:
    most = least if most is None else most
    return Age(
        years=most // 12,
        months=most % 12,
        days=0,
        is_approximate=least != most,
        months_at_least=least,
        months_at_most=most,
    )
