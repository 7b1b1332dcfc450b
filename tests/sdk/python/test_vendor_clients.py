"""Public clients of the vendors against the stand-ins: what they read of a vendor, they must be able to read here.

They reach the stand-ins through the Proxy API, which passes requests and answers on as they are.
"""

import json

import pyodata
import pytest
import requests
from agilecrm.client import Client

HEADERS = {"x-apideck-app-id": "sandbox", "x-apideck-consumer-id": "sandbox-consumer"}


def session(service):
    made = requests.Session()
    made.headers.update(HEADERS | {"Authorization": "Bearer sandbox-key", "x-apideck-service-id": service})
    return made


@pytest.fixture
def agile(base_url, monkeypatch):
    """agilecrm-python as it is, but that its requests go to the stand-in, with the gateway's credentials."""
    through = session("agile-crm")

    def request(method, url, auth, **options):
        return through.request(method, url, **options)

    monkeypatch.setattr(requests, "request", request)
    client = Client("unused", "unused", "unused")
    client.url = f"{base_url}/proxy/"
    return client


def test_the_metadata_of_avid_is_valid_csdl(base_url):
    client = pyodata.Client(f"{base_url}/proxy", session("avid-crm"))
    schema = client.schema
    sets = {entity_set.name for entity_set in schema.entity_sets}
    assert {"Contacts", "Companies", "Opportunities", "Notes", "Users"} <= sets
    associations = {association.name for association in schema.associations}
    for entity in schema.entity_types:
        for way in entity.nav_proprties:
            assert way.association_info.name in associations, f"{entity.name}.{way.name}"
            assert way.to_role.entity_type_name in {known.name for known in schema.entity_types}
    assert len(associations) > 10


def test_agile_answers_a_dynamic_filter_as_its_client_asks(agile):
    rules = [{"LHS": "created_time", "CONDITION": "BETWEEN", "RHS": 1.5, "RHS_NEW": 4102444800000.25}]
    asked = {"page_size": 5, "global_sort_key": "-created_time", "filterJson": json.dumps({"rules": rules, "contact_type": "PERSON"})}
    found = agile.search_contact(asked)
    assert len(found) == 5 and {contact["type"] for contact in found} == {"PERSON"}
    nobody = [{"LHS": "first_name", "CONDITION": "EQUALS", "RHS": "Nobody at all"}]
    # An empty answer is a 204, whose type the client looks at.
    assert agile.search_contact(asked | {"filterJson": json.dumps({"rules": nobody, "contact_type": "PERSON"})}) is None


def test_agile_has_custom_fields_by_position(agile):
    fields = agile.get_custom_fields("CONTACT")
    assert [field["position"] for field in fields] == sorted(field["position"] for field in fields)
    assert {field["scope"] for field in fields} == {"CONTACT"} and fields


def test_agile_deletes_without_a_word(agile):
    made = agile.create_contact({"type": "PERSON", "properties": [{"type": "SYSTEM", "name": "first_name", "value": "Ada"}]})
    assert agile.delete_contact(made["id"]) is None
