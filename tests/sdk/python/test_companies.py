"""A company's life: created, read, changed in part, cleared in part, deleted."""

import itertools

import pytest
from apideck_unify import models
from records import assert_holds, assert_same_but, plain, refusal

numbers = itertools.count(1)


@pytest.fixture
def larkspur():
    number = next(numbers)
    return {
        "name": f'Larkspur & Søn "Freightworks" {number}',
        "emails": [{"email": f"desk{number}@larkspur.example", "type": "work"}],
        "phone_numbers": [
            {"number": "+1 555 010 0190", "type": "work"},
            {"number": "+1 555 010 0191", "type": "mobile"},
        ],
        "addresses": [{"type": "office", "line1": "1 Quay <North>", "city": "Łódź", "postal_code": "90-001", "country": "PL"}],
        "websites": [{"url": "https://larkspur.example", "type": "primary"}],
        "custom_fields": [{"id": "Region", "value": "north/east"}],
    }


def create(crm, sent):
    answer = crm.companies.create(**sent).create_company_response
    assert (answer.status_code, answer.resource, answer.operation) == (201, "companies", "add")
    return answer.data.id


def read(crm, id):
    return plain(crm.companies.get(id=id).get_company_response.data)


def change(crm, id, **members):
    answer = crm.companies.update(id=id, **members).update_company_response
    assert (answer.status_code, answer.operation, answer.data.id) == (200, "update", id)


def test_what_was_sent_is_what_comes_back(crm, larkspur):
    assert_holds(read(crm, create(crm, larkspur)), larkspur)


@pytest.mark.parametrize("repeated", [True, False])
def test_the_name_that_the_sdk_must_repeat_may_be_null(crm, larkspur, repeated):
    id = create(crm, larkspur)
    before = read(crm, id)
    phone_numbers = [{"number": "+1 555 010 0001", "type": "work"}]
    change(crm, id, name=larkspur["name"] if repeated else None, phone_numbers=phone_numbers)
    after = read(crm, id)
    assert_holds(after, {"phone_numbers": phone_numbers})
    assert_same_but(after, before, "phone_numbers")


def test_a_company_can_be_renamed(crm, larkspur):
    id = create(crm, larkspur)
    before = read(crm, id)
    change(crm, id, name="Novaquill")
    after = read(crm, id)
    assert after["name"] == "Novaquill"
    assert_same_but(after, before, "name")


def test_a_contact_names_its_company(crm, larkspur):
    contact = {"first_name": "Dorian", "company_id": create(crm, larkspur)}
    id = crm.contacts.create(**contact).create_contact_response.data.id
    read_back = plain(crm.contacts.get(id=id).get_contact_response.data)
    assert_holds(read_back, contact | {"company_name": larkspur["name"]})


def test_a_company_is_not_a_contact_whatever_its_id(crm, larkspur):
    id = create(crm, larkspur)
    calls = [(crm.contacts.get, {}), (crm.contacts.update, {"title": "x"}), (crm.contacts.delete, {})]
    for call, arguments in calls:
        error = refusal(models.NotFoundResponse, call, id=id, **arguments)
        assert error.data.type_name == "EntityNotFoundError"
    assert_holds(read(crm, id), larkspur)


def test_a_deleted_company_is_not_found(crm, larkspur):
    id = create(crm, larkspur)
    crm.companies.delete(id=id)
    error = refusal(models.NotFoundResponse, crm.companies.get, id=id)
    assert (error.status_code, error.data.error, error.data.type_name) == (404, "Not Found", "EntityNotFoundError")
    assert id in str(error.data.detail)
