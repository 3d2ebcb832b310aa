"""Invented names, Hebrew and Latin: people, firms, regions, notes."""

from __future__ import annotations

PEOPLE = (
    "נועה כהן",
    "Daniel Levi",
    "יוסי מזרחי",
    "Maya Peretz",
    "עומר ביטון",
    "Tamar Friedman",
    "איתי אברהם",
    "Lior Katz",
    "שירה דהן",
    "Yonatan Azulay",
    "מיכל גבאי",
    "Amir Haddad",
    "רוני שפירא",
    "Svetlana Volkov",
    "אורי בן-דוד",
    "Hila Malka",
    "גיא רוזנברג",
    "Nadav Amar",
    "ליאת אוחיון",
    "Samer Khoury",
    "דנה סגל",
    "Eyal Goldberg",
    "ענבל חדד",
    "Rina Shapiro",
    "אלון ברק",
    "Noga Weiss",
    "תומר ועקנין",
    "Irina Kaplan",
    "יעל שטרן",
    "Elad Mor",
    "הדס נחום",
    "Ronen Sasson",
    "עדי קליין",
    "Galit Harel",
    "משה אדרי",
    "Shani Tal",
    "ניר אלבז",
    "Keren Dror",
    "אסף יוגב",
    "Lena Berman",
)
MANAGERS = ("אבי שרון", "Orna Regev", "חיים נוי", "Ruth Navon", "דורון לביא")
TEAMS = ("צפון", "מרכז", "דרום", "Enterprise")
REGIONS = ("Haifa & North", "Tel Aviv", "Jerusalem", "South")
FIRM_HEADS = (
    "מפעלי",
    "קבוצת",
    "מעבדות",
    "פתרונות",
    "תעשיות",
    "אחים",
    "Tavor",
    "Carmel",
    "Hermon",
    "Arbel",
    "Gilboa",
    "Kinneret",
    "Meron",
    "Sharon",
    "Negev",
    "Arava",
)
FIRM_TAILS = (
    "הגליל",
    "כרמים",
    "השרון",
    "אלונים",
    "תבור",
    "הנגב",
    "לוטם",
    "ברקת",
    "Foods",
    "Medical",
    "Logistics",
    "Software",
    "Plastics",
    "Energy",
    "Textile",
    "Agro",
    "Optics",
    "Metals",
)
FIRM_KINDS = ("", ' בע"מ', " Ltd", "", " Group")
PLACES = (
    "",
    "",
    " Haifa",
    " חיפה",
    " Eilat",
    " אילת",
    " Acre",
    " עכו",
    " Lod",
    " לוד",
    " Yavne",
    " יבנה",
)
NEXT_STEPS = (
    "",
    "",
    "שיחה עם סמנכ״ל הכספים",
    "Send revised quote",
    "לתאם הדגמה",
    "Wait for budget approval",
    "פגישת המשך",
    "Legal review",
    "לחזור אחרי החגים",
    "Security questionnaire",
)
LOST_REASONS = ("Price", "Competitor", "No budget", "No decision", "Timing", "לא רלוונטי")


def person(number: int) -> str:
    """Return the name of the n-th person; after the list is used up, a numbered one.

    Examples
    --------
    >>> person(1), person(5000)
    ('Daniel Levi', 'Rep 5001')
    """
    return PEOPLE[number] if number < len(PEOPLE) else f"Rep {number + 1}"


def firm(number: int) -> str:
    """Return the name of the n-th firm; names in one script, numbered when they run out.

    Examples
    --------
    >>> firm(6), firm(20_000)
    ('Arbel Software', 'Tavor Foods Lod Ltd 20001')
    """
    heads = _by_script(FIRM_HEADS)[number % 2]
    tails = _by_script(FIRM_TAILS)[number % 2]
    kinds = (FIRM_KINDS[0], FIRM_KINDS[1]) if number % 2 else (FIRM_KINDS[0], *FIRM_KINDS[2::2])
    half = number // 2
    head, rest = half % len(heads), half // len(heads)
    tail, rest = (rest + head) % len(tails), rest // len(tails)
    place, rest = PLACES[number % 2 :: 2][rest % 6], rest // 6
    kind, rest = kinds[rest % len(kinds)], rest // len(kinds)
    return f"{heads[head]} {tails[tail]}{place}{kind}" + (f" {number + 1}" if rest else "")


def _by_script(words: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Split words into those in Latin and those in Hebrew script."""
    return [w for w in words if w.isascii()], [w for w in words if not w.isascii()]
