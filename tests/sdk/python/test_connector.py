"""The Connector API through the SDK: what can be connected, and what there is to be had of it."""

import pytest
from apideck_unify import models
from records import refusal


@pytest.fixture(scope="module")
def connector(connect):
    return connect().connector


def every(page, name):
    items = []
    while page is not None:
        items += getattr(page, name).data
        page = page.next()
    return items


def test_connectors_are_listed_page_by_page(connector):
    connectors = every(connector.connectors.list(limit=1), "get_connectors_response")
    ids = [one.id for one in connectors]
    assert {"agile-crm", "teamswork-crm"} <= set(ids)
    assert len(set(ids)) == len(ids)
    live = every(connector.connectors.list(filter_={"unified_api": "crm", "status": "live"}), "get_connectors_response")
    assert live and all(one.status == "live" for one in live)


def test_a_connector_says_what_a_consumer_fills_in_and_what_it_serves(connector):
    found = connector.connectors.get(id="agile-crm").get_connector_response.data
    assert (found.auth_type, found.service_id, found.unified_apis[0].id) == ("basic", "agile-crm", "crm")
    assert any(setting.id == "api_key" and setting.type == "password" for setting in found.settings)
    assert any(resource.id == "contacts" for resource in found.supported_resources)


def test_a_connectors_resource_says_what_can_be_done(connector):
    answer = connector.connector_resources.get(id="agile-crm", resource_id="contacts")
    covered = answer.get_connector_resource_response.data
    assert covered.pagination_supported
    assert "email" in covered.supported_filters and "created_at" in covered.supported_sort_by
    assert covered.supported_operations == ["all", "one", "add", "update", "delete"]
    emails = next(field for field in covered.supported_fields if field.unified_property == "emails")
    assert any(member.unified_property == "type" for member in emails.child_properties)


def test_a_connectors_document_is_markdown(connector):
    answer = connector.connector_docs.get(id="agile-crm", doc_id="consumer+connection")
    assert answer.get_connector_doc_response.startswith("# Connect Agile CRM")


def test_an_api_its_resource_and_the_coverage_of_that(connector):
    apis = every(connector.apis.list(), "get_apis_response")
    assert [(api.id, api.type) for api in apis] == [("connector", "platform"), ("crm", "unified"), ("vault", "platform")]
    crm = connector.apis.get(id="crm").get_api_response.data
    assert any((resource.id, resource.status) == ("companies", "live") for resource in crm.resources)
    resource = connector.api_resources.get(id="crm", resource_id="companies").get_api_resource_response.data
    assert resource.name == "Companies"
    coverage = connector.api_resource_coverage.get(id="crm", resource_id="companies")
    entries = coverage.get_api_resource_coverage_response.data.coverage
    assert any(entry.downstream_id == "organizations" for entry in entries)


def test_what_is_not_there_is_not_found(connector):
    error = refusal(models.NotFoundResponse, connector.connectors.get, id="acme-crm")
    assert error.data.type_name == "ConnectorNotFoundError"
    error = refusal(models.NotFoundResponse, connector.connector_resources.get, id="teamswork-crm", resource_id="notes")
    assert error.data.type_name == "EntityNotFoundError"
