"""What the columns of CRM exports are called, in English and Hebrew, by canonical table and column.

The first name that a file has wins. Names are compared after ``plain_name``. The tables and columns
are those of ``model``; a test holds the two together.
"""

from __future__ import annotations

import re

_REP = (
    "owner id|opportunity owner id|deal owner id|hubspot owner id|sales agent|salesperson|"
    "sales rep|"
    "sales person|rep id|rep|employee key|employee id|system user seq|account executive|seller|"
    "opportunity owner|deal owner|record owner|owner|assigned to|user id|agent|created by id|"
    "נציג|איש מכירות|מוכר|סוכן|בעלים|אחראי|נציג מכירות"
)
_DEAL = (
    "opportunity id|opp id|deal id|opportunity seq|opportunity number|deal number|lead name|"
    "opportunity|deal|מזהה הזדמנות|מספר הזדמנות|מספר עסקה|מזהה עסקה|הזדמנות|עסקה"
)
_ACCOUNT = (
    "account id|account seq|customer id|company id|organization id|reseller key|customer key|"
    "account|"
    "account name|customer|customer name|company|company name|organization|associated company|"
    "לקוח|מספר לקוח|שם לקוח|חברה"
)
_PRODUCT = "product id|product 2 id|product seq|product key|product|product name|מוצר|קוד מוצר"
_CREATED = (
    "created date|create date|createdate|created at|created on|created|created time|"
    "opportunity created on|date created|deal created|add time|open date|opened|engage date|"
    "תאריך יצירה|נוצר בתאריך|תאריך פתיחה|נוצר|תאריך פתיחת הזדמנות"
)
_STAGE = (
    "stage name|deal stage|sales stage|opportunity stage|pipeline stage|stage|"
    "deal pipeline stage id|"
    "stage id|status|opportunity status|deal status|שלב|שלב מכירה|סטטוס|מצב"
)
_AMOUNT = (
    "amount|deal amount|opportunity amount|close value|deal value|value|forecasted monthly revenue|"
    "total amount|total|revenue|sum|price|expected revenue|סכום|סכום עסקה|שווי|ערך|סכום כולל"
)
_EXPECTED = (
    "expected close date|expected close|expected closing date|target close|estimated close date|"
    "est close date|תאריך סגירה צפוי|סגירה צפויה"
)

COLUMN_NAMES: dict[str, dict[str, str]] = {
    "opportunities": {
        "opportunity_id": f"{_DEAL}|record id|id|מזהה|מספר",
        "rep_id": _REP,
        "account_id": f"{_ACCOUNT}|client",
        "amount": _AMOUNT,
        "currency": "currency|currency iso code|deal currency code|currency code|מטבע",
        "stage": _STAGE,
        "outcome": "outcome|status|opportunity status|deal status|תוצאה|סטטוס",
        "pipeline": "pipeline|deal pipeline id|pipeline id|pipeline name|צנרת",
        "created_at": _CREATED,
        "expected_close": _EXPECTED,
        "closed_at": (
            "closed date|close date|closedate|closed at|closed on|close time|won time|date closed|"
            "actual close date|actual closing date|תאריך סגירה|נסגר בתאריך"
        ),
        "source": "lead source|source|original source|deal source|hs analytics source|מקור|"
        "מקור ליד",
        "campaign": "campaign id|campaign seq|campaign|campaign name|primary campaign source|"
        "קמפיין",
        "product_id": _PRODUCT,
        "discount": "discount|discount percent|הנחה",
        "next_step": "next step|next steps|הצעד הבא",
        "forecast_category": "forecast category|forecast category name|קטגוריית תחזית",
        "lost_reason": "lost reason|loss reason|closed lost reason|reason lost|סיבת הפסד|סיבה",
        "type": "type|deal type|opportunity type|סוג|סוג עסקה",
    },
    "stage_events": {
        "opportunity_id": _DEAL,
        "entered_at": (
            "date entered|entered at|entered|changed at|change date|edit date|timestamp|"
            "fivetran start|valid from|created date|date|stage date|תאריך שינוי|תאריך"
        ),
        "stage": f"new value|to stage|new stage|{_STAGE}|value|ערך חדש|שלב חדש",
        "amount": _AMOUNT,
        "expected_close": f"{_EXPECTED}|close date",
        "rep_id": _REP,
    },
    "activities": {
        "activity_id": "activity id|engagement id|task id|event id|call id|meeting id|id|מזהה",
        "kind": (
            "activity type|engagement type|task subtype|event subtype|type|kind|task type|activity|"
            "סוג פעילות|סוג"
        ),
        "happened_at": (
            "activity date time|activity date|start time|hs timestamp|happened at|timestamp|"
            "completed date|date time|date|due date|created date|hs createdate|תאריך|תאריך פעילות"
        ),
        "rep_id": _REP,
        "opportunity_id": f"{_DEAL}|what id|related to",
        "account_id": "account id|company id|account|account name|לקוח",
    },
    "reps": {
        "rep_id": (
            "rep id|owner id|user id|employee key|system user seq|sales agent|salesperson|seller|"
            "employee id|id|owner|name|מספר עובד|נציג|שם"
        ),
        "name": "name|full name|owner|salesperson|sales agent|display name|שם|שם מלא",
        "role": "title|role|job title|user role id|תפקיד",
        "team": "team|team name|sales team|regional office|office|region|department|צוות|סניף|אזור",
        "manager_id": "manager id|manager|manager name|reports to|מנהל",
        "hired_on": "hired on|hire date|start date|תאריך תחילת עבודה",
    },
    "accounts": {
        "account_id": f"{_ACCOUNT}|reseller|id|name|מזהה",
        "name": "name|account name|company name|customer name|reseller|account|שם|שם לקוח",
        "created_at": _CREATED,
    },
    "products": {
        "product_id": f"{_PRODUCT}|id|מזהה",
        "name": "name|product name|product|שם|שם מוצר",
        "price": "list price|sales price|unit price|price|מחיר",
    },
    "leads": {
        "lead_id": "lead id|id|מזהה|מספר ליד",
        "created_at": _CREATED,
        "source": "lead source|source|מקור",
        "rep_id": _REP,
        "converted_at": "converted date|converted at|converted on",
        "opportunity_id": "converted opportunity id|opportunity id",
    },
    "orders": {
        "order_id": (
            "sales order number|order number|order id|order no|invoice number|order|"
            "מספר הזמנה|מספר חשבונית|הזמנה"
        ),
        "line": "sales order line number|order line|line number|line|שורה",
        "rep_id": _REP,
        "date": "order date|invoice date|sale date|date|effective date|תאריך הזמנה|תאריך",
        "account_id": _ACCOUNT,
        "product_id": _PRODUCT,
        "units": "order quantity|quantity|units|qty|כמות",
        "amount": "sales amount|sales|line total|total price|total amount|amount|total|סכום",
        "cost": "total product cost|cost|total cost|עלות",
    },
    "targets": {
        "rep_id": _REP,
        "team": "team|region|צוות",
        "period_start": (
            "target month|period start|quota date|month start|month|period|quarter|date|חודש|תקופה"
        ),
        "period_end": "period end",
        "value": "target amount|target|quota|sales amount quota|sales quota|goal|value|יעד",
    },
}

REQUIRED = {
    "opportunities": ("stage",),
    "stage_events": ("opportunity_id", "stage", "entered_at"),
    "activities": ("activity_id", "happened_at"),
    "reps": ("rep_id",),
    "accounts": ("account_id",),
    "products": ("product_id",),
    "leads": ("lead_id", "created_at"),
    "orders": ("order_id", "date", "amount"),
    "targets": ("value",),
}

FILE_NAMES = {
    "opportunities": r"\bopps?\b|opportunit|\bdeals?\b|pipeline|\bb2b\b|הזדמנוי?ות|עסקאות",
    "stage_events": r"history|stage events|stage log|stage changes|deal stage\b|היסטורי",
    "activities": r"activit|\bcalls?\b|\bmeetings?\b|\btasks?\b|\bevents?\b|engagement|"
    "פעילוי?ות|שיחות",
    "reps": r"\breps?\b|\bowners?\b|\busers?\b|sales ?(?:person|people|teams?|reps?)|"
    "employees?|נציגים|עובדים",
    "accounts": r"accounts?\b|customers?|compan|resellers?|clients|לקוחות",
    "products": r"products?\b|items|מוצרים",
    "leads": r"\bleads?\b|לידים",
    "orders": r"orders?\b|\bsales\b|invoices?|הזמנות|חשבוניות|מכירות",
    "targets": r"targets?|quotas?|goals?|יעדים",
}

NOT_TABLES = r"dictionary|readme|measures|licen[cs]e|pipeline stages?\b"
DATES = {"created_at", "closed_at", "expected_close", "entered_at", "happened_at", "hired_on",
         "converted_at", "date", "period_start", "period_end"}  # fmt: skip
NUMBERS = {"amount", "price", "cost", "units", "discount", "value"}


def plain_name(name: str) -> str:
    """Return a column or file name as plain words.

    Examples
    --------
    >>> [plain_name(n) for n in ("CloseDate", "property_hs_createdate", "Deal_Stage__c")]
    ['close date', 'createdate', 'deal stage']
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", " ", name)
    words = re.sub(r"[^\w\u0590-\u05ff]+|_", " ", words).lower().strip()
    words = re.sub(r"^property (?:hs )?", "", words)
    return re.sub(r" c$", "", " ".join(words.split())) or name


def is_named(column: str, table: str) -> bool:
    """Say whether a column's own name tells which column of a table it is.

    Examples
    --------
    >>> is_named("Close Date", "opportunities"), is_named("Date", "opportunities")
    (True, False)
    """
    known = {name for listed in COLUMN_NAMES[table].values() for name in listed.split("|")}
    plain = plain_name(column)
    return bool({plain, re.sub(r"^(?:deal|opportunity) ", "", plain)} & known)
