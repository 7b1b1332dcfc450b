"""The Vault API through the SDK: an application's customers, what they connect, and the sessions of their browsers."""

import httpx
import pytest
from apideck_unify import models
from records import every_record, refusal

CONSUMER = "customer-7"
AGILE = {"unified_api": "crm", "service_id": "agile-crm"}
# The account that the stand-in vendor knows; the rest is as the demo consumer has connected it.
API_KEY = "sandbox-rest-key"


@pytest.fixture(scope="module")
def customer(connect):
    return connect(consumer_id=CONSUMER)


@pytest.fixture(scope="module")
def vault(customer):
    return customer.vault


@pytest.fixture
def connected(connect, vault):
    demo = connect().vault.connections.get(**AGILE).get_connection_response.data
    answer = vault.connections.update(**AGILE, enabled=True, settings=demo.settings | {"api_key": API_KEY})
    yield answer.update_connection_response.data
    vault.connections.delete(**AGILE)


def connection(vault):
    return vault.connections.get(**AGILE).get_connection_response.data


def test_a_consumer_is_added_listed_by_pages_changed_and_deleted(vault):
    for name in ["page-1", "page-2", "page-3"]:
        added = vault.consumers.create(consumer_id=name, metadata={"account_name": name}).create_consumer_response
        assert (added.status_code, added.data.consumer_id, added.data.metadata.account_name) == (200, name, name)
    found, sizes = every_record(vault.consumers.list(filter_={"consumer_id": "page-"}, limit=2), "get_consumers_response")
    assert [consumer.consumer_id for consumer in found] == ["page-1", "page-2", "page-3"]
    assert sizes == [2, 1]
    searched = vault.consumers.list(filter_={"search": "AGE-2"}).get_consumers_response.data
    assert [consumer.consumer_id for consumer in searched] == ["page-2"]
    metadata = {"user_name": "Ada", "email": "ada@acme.example"}
    changed = vault.consumers.update(consumer_id="page-1", metadata=metadata).update_consumer_response.data.metadata
    assert (changed.account_name, changed.user_name, changed.email) == ("page-1", "Ada", "ada@acme.example")
    deleted = vault.consumers.delete(consumer_id="page-1").delete_consumer_response
    assert deleted.data.consumer_id == "page-1"
    error = refusal(models.NotFoundResponse, vault.consumers.get, consumer_id="page-1")
    assert error.data.type_name == "EntityNotFoundError"


def test_every_connector_is_offered_with_its_form(vault):
    offered = vault.connections.list(api="crm").get_connections_response.data
    assert len(offered) >= 4 and all(one.state == "available" for one in offered)
    form = next(one for one in offered if one.service_id == "agile-crm").form_fields
    assert any(field.id == "api_key" and field.sensitive and field.type == "password" for field in form)
    modes = next(field for field in form if field.id == "leads_mode").options
    assert any(option.option_type == "simple" and option.value == "tag" for option in modes)


def test_a_connection_is_called_switched_off_and_deleted(customer, vault, connected):
    assert (connected.state, connected.health, connected.enabled) == ("callable", "ok", True)
    assert API_KEY not in str(connected.settings), "a secret goes in and never comes out"
    assert len(customer.crm.contacts.list(limit=1).get_contacts_response.data) == 1
    consumer = vault.consumers.get(consumer_id=CONSUMER).get_consumer_response.data
    assert (consumer.services, consumer.connections[0].state) == (["agile-crm"], "callable")
    configured = vault.connections.list(configured=True).get_connections_response.data
    assert [one.id for one in configured] == ["crm+agile-crm"]
    valid = vault.validate_connection.state(**AGILE, request_body={}).validate_connection_state_response.data
    assert (valid.id, valid.state) == ("crm+agile-crm", "callable")

    vault.connections.update(**AGILE, enabled=False)
    assert refusal(models.APIError, customer.crm.contacts.list, limit=1).status_code == 403
    error = refusal(models.BadRequestResponse, vault.connections.update, **AGILE, settings={"domain": "a b", "nope": "x"})
    assert "`domain`" in str(error.data.detail) and "`nope`" in str(error.data.detail)
    vault.connections.delete(**AGILE)
    assert connection(vault).state == "available"
    vault.connections.update(**AGILE, settings={})


def test_new_records_begin_with_a_connections_defaults(customer, vault, connected):
    defaults = [{"id": "name", "value": "Unnamed"}, {"id": "Tier", "value": "gold"}]
    configuration = [{"resource": "companies", "defaults": defaults}]
    answer = vault.connection_settings.update(**AGILE, resource="companies", configuration=configuration)
    kept = [default for part in answer.update_connection_response.data.configuration for default in part.defaults]
    assert [(default.id, default.target) for default in kept] == [("name", "resource"), ("Tier", "custom_fields")]
    read = vault.connection_settings.list(**AGILE, resource="companies").get_connection_response.data
    assert [default.value for part in read.configuration for default in part.defaults][1] == "gold"
    created = customer.crm.companies.create(name="Acme").create_company_response.data
    company = customer.crm.companies.get(id=created.id).get_company_response.data
    assert company.name == "Acme"
    assert any((field.id, field.value) == ("Tier", "gold") for field in company.custom_fields)


def test_a_customer_maps_a_field_of_the_applications_own(customer, vault, connected):
    defined = vault.custom_mappings.list(**AGILE).get_custom_mappings_response.data
    assert [(one.id, one.key) for one in defined] == [("crm+companies+loyalty_tier", "loyalty_tier")]
    # The SDK leaves the id out: the mappings stand in the order in which the connection shows them.
    vault.connections.update(**AGILE, custom_mappings=[{"value": "$.type"}])
    own = vault.connection_custom_mappings.list(**AGILE, resource="companies").get_custom_mappings_response.data
    assert own[0].value == "$.type"
    company = customer.crm.companies.list(limit=1).get_companies_response1.data[0]
    assert company.custom_mappings == {"loyalty_tier": "COMPANY"}


def test_a_session_serves_a_browser_for_one_customer(base_url, vault, connected):
    session = {
        "consumer_metadata": {"account_name": "Customer 7"},
        "settings": {"unified_apis": ["crm"], "session_length": "30m", "allow_actions": ["disable"]},
        "theme": {"vault_name": "Acme"},
    }
    created = vault.sessions.create(session=session).create_session_response.data
    assert created.session_uri.endswith(f"/vault/session/{created.session_token}")
    # As the browser of a page of the application's own calls.
    headers = {"authorization": f"Bearer {created.session_token}", "x-apideck-auth-type": "JWT"}
    with httpx.Client(base_url=base_url, headers=headers) as browser:
        listed = browser.get("/vault/connections").json()["data"]
        assert any((one["id"], one["state"]) == ("crm+agile-crm", "callable") for one in listed)
        assert browser.delete("/vault/connections/crm/agile-crm").status_code == 403
        assert browser.get("/vault/consumers").status_code == 403


def test_what_is_not_there_or_does_not_fit_is_refused(connect, vault):
    error = refusal(models.NotFoundResponse, vault.connections.get, unified_api="crm", service_id="acme-crm")
    assert error.data.type_name == "ConnectorNotFoundError"
    error = refusal(models.NotFoundResponse, vault.connections.delete, unified_api="crm", service_id="avid-crm")
    assert error.data.type_name == "ConnectionNotFoundError"
    error = refusal(models.UnauthorizedResponse, connect(api_key="nobodys-key").vault.consumers.list)
    assert error.data.type_name == "UnauthorizedError"
    error = refusal(models.UnprocessableResponse, vault.connections.token, **AGILE, request_body={})
    assert error.data.type_name == "InvalidStateError"
