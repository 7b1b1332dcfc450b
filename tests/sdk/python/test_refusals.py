"""What an application is told when a call cannot be carried out, in the classes that the SDK has for it."""

import pytest
from apideck_unify import models
from records import body, refusal


def bad_request(type_name, call, **arguments):
    error = refusal(models.BadRequestResponse, call, **arguments)
    assert (error.data.status_code, error.data.error, error.data.type_name) == (400, "Bad Request", type_name)
    return error.data


def test_a_value_that_the_model_does_not_allow(crm):
    emails = [{"email": "tamsin@larkspur.example", "type": "carrier-pigeon"}]
    error = bad_request("RequestValidationError", crm.contacts.create, first_name="Tamsin", emails=emails)
    assert "emails" in str(error.detail)
    assert error.ref.endswith("requestvalidationerror")


@pytest.mark.parametrize("limit", [0, 201])
def test_a_limit_out_of_bounds(crm, limit):
    bad_request("RequestValidationError", crm.contacts.list, limit=limit)


def test_a_cursor_that_nobody_gave(crm):
    bad_request("InvalidCursorError", crm.contacts.list, cursor="em9oby1jcm06OnBhZ2U6OjI=")


def test_a_cursor_of_another_list(crm):
    cursor = crm.companies.list(limit=5).get_companies_response1.meta.cursors.next
    bad_request("InvalidCursorError", crm.contacts.list, cursor=cursor)


def test_a_sort_that_the_vendor_cannot_do(crm):
    error = bad_request("UnsupportedSortFieldError", crm.contacts.list, sort={"by": "email"})
    assert error.detail["service_id"] == "agile-crm"


def test_a_filter_that_the_vendor_cannot_apply(crm):
    both = {"updated_since": "2026-01-01T00:00:00Z"}
    error = bad_request("UnsupportedFiltersError", crm.activities.list, filter_=both)
    assert error.detail["service_id"] == "agile-crm"


def test_a_parameter_that_is_the_gateways_own(crm):
    bad_request("RequestValidationError", crm.contacts.list, pass_through={"page_size": 1})


def test_a_wrong_api_key(connect):
    error = refusal(models.UnauthorizedResponse, connect(api_key="not-the-key").crm.contacts.list)
    assert (error.data.status_code, error.data.error, error.data.type_name) == (401, "Unauthorized", "UnauthorizedError")


def test_a_consumer_who_has_connected_nothing(connect):
    error = refusal(models.NotFoundResponse, connect(consumer_id="somebody-else").crm.contacts.list)
    assert error.data.type_name == "ConnectionNotFoundError"


# The SDK leaves `/`, `?` and `#` in an id as they are; these it can send.
@pytest.mark.parametrize("id", ["a b", "a+b;c=d", "a%2Fb", "12345é", "99999999999999999999999"])
def test_an_id_that_cannot_be_one(crm, id):
    error = refusal(models.NotFoundResponse, crm.contacts.get, id=id)
    assert error.data.type_name == "EntityNotFoundError"


@pytest.mark.parametrize(
    "call",
    [
        lambda crm: crm.users.list(),
        lambda crm: crm.notes.get(id="1"),
        lambda crm: crm.activities.create(type_="call"),
    ],
    ids=["users", "notes", "activities"],
)
def test_a_resource_that_this_vendor_does_not_have(connect, call):
    error = refusal(models.APIError, call, crm=connect(service="teamswork-crm").crm)
    assert error.status_code == 501
    assert body(error)["type_name"] == "ConnectorOperationUnsupportedError"
