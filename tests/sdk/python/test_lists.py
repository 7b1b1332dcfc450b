"""Lists, as an application reads them: to the end, in part, filtered, sorted, with the vendor's own answer."""

from urllib.parse import parse_qs, urlsplit

import pytest
from records import every_record, plain

CONTACTS = 250
COMPANIES = 60


def contacts(crm, **arguments):
    return every_record(crm.contacts.list(**arguments), "get_contacts_response")


def companies(crm, **arguments):
    return every_record(crm.companies.list(**arguments), "get_companies_response1")


def ids(records):
    return [record.id for record in records]


def test_every_contact_appears_once_in_pages_of_the_default_size(crm):
    records, sizes = contacts(crm)
    assert sizes == [20] * 12 + [10]
    assert len(set(ids(records))) == len(records) == CONTACTS


@pytest.mark.parametrize(("limit", "pages"), [(200, 2), (77, 4)])
def test_other_page_sizes_show_the_same_contacts(crm, limit, pages):
    records, sizes = contacts(crm, limit=limit)
    assert len(sizes) == pages
    assert len(records) == CONTACTS
    assert set(ids(records)) == set(ids(contacts(crm)[0]))


def test_every_company_appears_once(crm):
    records, sizes = companies(crm)
    assert sizes == [20, 20, 20]
    assert len(set(ids(records))) == COMPANIES
    assert sorted(ids(companies(crm, limit=7)[0])) == sorted(ids(records))


def test_ids_that_a_double_cannot_hold_arrive_whole(crm):
    assert "9007199254740993" in ids(contacts(crm, limit=200)[0])
    assert "9223372036854775783" in ids(companies(crm, limit=200)[0])


def test_the_envelope_says_what_it_is_how_much_there_is_and_where_it_goes_on(crm):
    page = crm.contacts.list(limit=5).get_contacts_response
    head = (page.status_code, page.status, page.service, page.resource, page.operation)
    assert head == (200, "OK", "agile-crm", "contacts", "all")
    assert (page.meta.items_on_page, page.meta.total_count) == (5, CONTACTS)
    link = parse_qs(urlsplit(page.links.next).query)
    assert (link["cursor"], link["limit"]) == ([page.meta.cursors.next], ["5"])
    following = crm.contacts.list(limit=5, cursor=page.meta.cursors.next).get_contacts_response
    assert len({*ids(page.data), *ids(following.data)}) == 10


def test_an_email_with_a_plus_sign_finds_the_contact_that_has_it(crm):
    email = "person10+second@work.example"
    records, _ = contacts(crm, filter_={"email": email})
    assert len(records) == 1
    assert email in [each.email for each in records[0].emails]


def test_an_email_that_nobody_has_finds_nobody(crm):
    assert contacts(crm, filter_={"email": "nobody@work.example"}) == ([], [0])


def test_any_character_can_stand_in_a_filter(crm):
    first_name = 'Zoë +1 100% a/b? #c & d=e;"f" 🚚'
    added = crm.contacts.create(first_name=first_name, last_name="Ø'Neil").create_contact_response.data.id
    try:
        records, _ = contacts(crm, filter_={"first_name": first_name})
        assert [(record.id, record.first_name) for record in records] == [(added, first_name)]
    finally:
        crm.contacts.delete(id=added)


def test_a_companys_name_finds_that_company(crm):
    for company in crm.companies.list(limit=3).get_companies_response1.data:
        records, _ = companies(crm, filter_={"name": company.name})
        assert ids(records) == [company.id]


def test_changes_since_an_instant_are_those_page_by_page(crm):
    changed = [contact for contact in contacts(crm, limit=200)[0] if contact.updated_at]
    since = sorted(contact.updated_at for contact in changed)[-30]
    records, _ = contacts(crm, filter_={"updated_since": since}, limit=12)
    assert sorted(ids(records)) == sorted(ids(contact for contact in changed if contact.updated_at >= since))


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_sorted_list_is_in_order_to_its_last_page(crm, direction):
    records, _ = companies(crm, sort={"by": "created_at", "direction": direction}, limit=25)
    times = [record.created_at for record in records]
    assert len(set(ids(records))) == COMPANIES
    assert times == sorted(times, reverse=direction == "desc")


def test_fields_leaves_out_everything_else(crm):
    for contact in crm.contacts.list(fields="id,name,emails.email").get_contacts_response.data:
        assert sorted(plain(contact)) == ["emails", "id", "name"]
        assert all(sorted(email) == ["email"] for email in plain(contact)["emails"])


def test_raw_shows_the_vendors_answer_as_an_object(crm):
    page = crm.contacts.list(raw=True, limit=3).get_contacts_response
    assert len(page.raw["items"]) == 3
    one = crm.contacts.get(id=page.data[0].id, raw=True).get_contact_response
    assert one.raw["properties"]


def test_pass_through_reaches_the_vendor_beside_our_own_parameters(crm):
    page = crm.contacts.list(pass_through={"remark": "a b&c", "list": ["x", "y"]}, limit=4).get_contacts_response
    assert len(page.data) == 4
