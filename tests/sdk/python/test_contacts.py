"""A contact's life: created, read, changed in part, cleared in part, deleted."""

import itertools

import pytest
from apideck_unify import models
from records import assert_holds, assert_same_but, plain, refusal

numbers = itertools.count(1)


@pytest.fixture
def tamsin():
    number = next(numbers)
    return {
        "first_name": "Tamsin",
        "last_name": "Bräckwater-O'Hara",
        "title": 'Head of <Procurement> & "Sundries"',
        "emails": [
            {"email": f"tamsin+{number}@larkspur.example", "type": "work"},
            {"email": f"tamsin{number}@mailbox.example", "type": "personal"},
        ],
        "phone_numbers": [
            {"number": "+1 555 010 0177", "type": "mobile"},
            {"number": "+1 555 010 0178", "type": "home"},
        ],
        "addresses": [
            {"type": "office", "line1": "14 Tiller Row", "city": "Port Vell", "state": "OR", "postal_code": "97999", "country": "US"},
            {"type": "home", "line1": "Ålesundgata 3", "city": "Ålesund", "postal_code": "6002", "country": "NO"},
        ],
        "websites": [{"url": "https://tamsin.example/?a=1&b=2"}],
        "social_links": [{"url": "https://social.example/in/tamsin", "type": "linkedin"}],
        "custom_fields": [{"id": "Newsletter", "value": "on"}, {"id": "Badge No.", "value": "B-4711"}],
        "tags": ["Buyer", "Spring Fair"],
    }


@pytest.fixture
def contacts(crm):
    return crm.contacts


def create(contacts, sent):
    answer = contacts.create(**sent).create_contact_response
    assert (answer.status_code, answer.status, answer.operation) == (201, "Created", "add")
    return answer.data.id


def read(contacts, id):
    return plain(contacts.get(id=id).get_contact_response.data)


def change(contacts, id, **members):
    answer = contacts.update(id=id, **members).update_contact_response
    assert (answer.status_code, answer.operation, answer.data.id) == (200, "update", id)


def test_what_was_sent_is_what_comes_back(contacts, tamsin):
    contact = read(contacts, create(contacts, tamsin))
    custom_fields = tamsin.pop("custom_fields")
    assert_holds(contact, tamsin)
    # Among others: this vendor's scores are custom fields too.
    values = {field["id"]: field["value"] for field in contact["custom_fields"]}
    for field in custom_fields:
        assert values.get(field["id"]) == field["value"]
    assert contact["name"] == "Tamsin Bräckwater-O'Hara"
    assert contact["created_at"]


def test_a_name_alone_is_enough(contacts):
    contact = read(contacts, create(contacts, {"name": "Orla Quillfeather"}))
    assert_holds(contact, {"first_name": "Orla", "last_name": "Quillfeather"})


def test_a_changed_title_leaves_everything_else_as_it_was(contacts, tamsin):
    id = create(contacts, tamsin)
    before = read(contacts, id)
    change(contacts, id, title="Buyer")
    after = read(contacts, id)
    assert after["title"] == "Buyer"
    assert_same_but(after, before, "title")


def test_null_clears(contacts, tamsin):
    id = create(contacts, tamsin)
    before = read(contacts, id)
    change(contacts, id, title=None)
    after = read(contacts, id)
    assert after.get("title") is None
    assert_same_but(after, before, "title")


def test_a_list_is_replaced_as_a_whole(contacts, tamsin):
    id = create(contacts, tamsin)
    before = read(contacts, id)
    emails = [{"email": "only@larkspur.example", "type": "work"}]
    change(contacts, id, emails=emails, tags=["Buyer", "Renewal"])
    after = read(contacts, id)
    assert_holds(after, {"emails": emails})
    assert sorted(after["tags"]) == ["Buyer", "Renewal"]
    assert_same_but(after, before, "emails", "email_domain", "tags")


def test_an_empty_list_empties(contacts, tamsin):
    id = create(contacts, tamsin)
    change(contacts, id, phone_numbers=[], tags=[])
    after = read(contacts, id)
    assert (after["phone_numbers"], after["tags"]) == ([], [])
    assert len(after["emails"]) == 2


def test_a_deleted_contact_is_not_found(contacts):
    id = create(contacts, {"first_name": "Brief", "last_name": "Guest"})
    answer = contacts.delete(id=id).delete_contact_response
    assert (answer.status_code, answer.operation, answer.data.id) == (200, "delete", id)
    for call, arguments in [(contacts.get, {}), (contacts.update, {"title": "Ghost"}), (contacts.delete, {})]:
        error = refusal(models.NotFoundResponse, call, id=id, **arguments)
        assert (error.status_code, error.data.error, error.data.type_name) == (404, "Not Found", "EntityNotFoundError")
