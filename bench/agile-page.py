#!/usr/bin/env python3
"""Prints a page of Agile CRM contacts as the vendor would answer it: invented people, the same in every run."""

import json
import random
import sys

FIRST_NAMES = ["Orla", "Dorian", "Tamsin", "Zoë", "Bohuš", "Ines", "Maren", "Tadhg", "Łucja", "Søren"]
LAST_NAMES = ["Quillfeather", "Brackwater", "Marrow", "O'Fen", "Vlček", "Tolle", "Ågård", "Saltmarsh"]
TITLES = ["Head of Procurement", "Buyer", 'Chief "Fixer"', "Night Watch & Lamps", "Export Clerk"]
COMPANIES = ["Larkspur Freightworks", "Novaquill", "Tidewater & Sons", "Port Vell Chandlers"]
TAGS = ["Buyer", "Spring Fair", "Renewal", "Newsletter 2024", "Do not call"]
PLACES = [
    ("Port Vell", "OR", "97999", "US", "United States"),
    ("Łódź", "", "90-001", "PL", "Poland"),
    ("Ålesund", "", "6002", "NO", "Norway"),
]


def system(name, value, subtype=None):
    return {"type": "SYSTEM", "name": name, **({"subtype": subtype} if subtype else {}), "value": value}


def properties(pick, number):
    first, last = pick.choice(FIRST_NAMES), pick.choice(LAST_NAMES)
    city, state, zip_code, country, country_name = pick.choice(PLACES)
    address = {
        "address": f"{pick.randint(1, 99)} Tiller Row",
        "city": city,
        "state": state,
        "zip": zip_code,
        "country": country,
        "countryname": country_name,
    }
    always = [
        system("first_name", first),
        system("last_name", last),
        system("title", pick.choice(TITLES)),
        system("company", pick.choice(COMPANIES)),
        system("email", f"person{number}@work.example", "work"),
        system("email", f"person{number}@home.example", "personal"),
        system("phone", f"+1 555 010 {number:04}", "work"),
        system("phone", f"+1 555 011 {number:04}", "mobile"),
        system("address", json.dumps(address, ensure_ascii=False, separators=(",", ":")), "office"),
        system("website", f"https://person{number}.example", "URL"),
        {"type": "CUSTOM", "name": "Renewal Date", "value": str(1_735_689_600 + number * 86_400)},
    ]
    sometimes = [
        system("website", f"https://social.example/in/person{number}", "LINKEDIN"),
        {"type": "CUSTOM", "name": "Newsletter", "value": pick.choice(["on", "off"])},
        system("phone", f"+1 555 012 {number:04}", "work fax"),
    ]
    return always + pick.sample(sometimes, pick.randint(0, 3))


def contact(pick, number):
    created = 1_700_000_000 + number * 40_000 + pick.randint(0, 30_000)
    updated = pick.choice([0, created + pick.randint(3_600, 9_000_000)])
    tags = pick.sample(TAGS, pick.randint(0, 3))
    return {
        "id": 4_500_000_000_000_000 + pick.randrange(2_000_000_000_000_000),
        "type": "PERSON",
        "created_time": created,
        "updated_time": updated,
        "last_contacted": pick.choice([0, created + 7_200]),
        "last_emailed": 0,
        "last_campaign_emaild": 0,
        "last_called": pick.choice([0, created + 1_800]),
        "viewed_time": 0,
        "viewed": {"viewed_time": created * 1000 + pick.randint(0, 999), "viewer_id": 5_200_000_000_000_001},
        "star_value": pick.randint(0, 5),
        "lead_score": pick.randint(0, 120),
        "klout_score": "",
        "tags": tags,
        "tagsWithTime": [
            {"tag": tag, "createdTime": created * 1000, "availableCount": 0, "entity_type": "tag"} for tag in tags
        ],
        "properties": properties(pick, number),
        "campaignStatus": [],
        "entity_type": "contact_entity",
        "contact_company_id": str(4_500_000_000_000_000 + pick.randrange(2_000_000_000_000_000)),
        "unsubscribeStatus": [],
        "emailBounceStatus": [],
        "formId": 0,
        "browserId": [],
        "lead_source_id": 0,
        "lead_status_id": 0,
        "is_lead_converted": False,
        "lead_converted_time": 0,
        "is_duplicate_existed": False,
        "is_duplicate_verification_failed": False,
        "is_client_import": False,
        "concurrent_save_allowed": False,
        "trashed_time": 0,
        "restored_time": 0,
        "geo_point": {"latitude": 0.0, "longitude": 0.0},
        "widget_properties": None,
        "source": pick.choice(["manual", "api"]),
        "guid": f"{pick.getrandbits(64):016x}",
        "owner": {
            "id": 5_200_000_000_000_001,
            "domain": "tidewater",
            "email": "marrow@tidewater.example",
            "phone": "",
            "name": "Ines Marrow",
            "pic": "https://cdn.example/71.png",
            "schedule_id": "Ines",
            "calendar_url": "https://tidewater.agilecrm.example/calendar/Ines",
            "calendarURL": "https://tidewater.agilecrm.example/calendar/Ines",
        },
    }


def page(size):
    pick = random.Random(20)
    contacts = [contact(pick, number) for number in range(1, size + 1)]
    # The vendor puts the total into the first record, and where to go on into the last.
    contacts[0]["count"] = 250
    contacts[-1]["cursor"] = "ClMKFgoMY3JlYXRlZF90aW1lEgYIsimulatedcursor0001"
    return contacts


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    json.dump(page(size), sys.stdout, ensure_ascii=False, separators=(",", ":"))
