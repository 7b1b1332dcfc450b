"""What the tests say about records and errors."""

import json

import pytest


def every_record(page, envelope):
    """Every record of a list, page by page, as the SDK's own paging finds them, and the sizes of the pages."""
    records, sizes = [], []
    while page is not None:
        data = getattr(page, envelope).data
        records += data
        sizes.append(len(data))
        page = page.next()
    return records, sizes


def plain(record):
    """The record as the wire has it."""
    return record.model_dump(mode="json", by_alias=True, exclude_unset=True)


def assert_holds(actual, sent, where="record"):
    """Every member that was sent has come back equal; what the gateway adds beside it is its own affair."""
    if isinstance(sent, list):
        # A vendor has custom fields that are always there.
        if where.endswith("custom_fields"):
            ids = [item.get("id") for item in sent]
            actual = [own for own in actual or [] if own.get("id") in ids]
        assert len(actual or []) == len(sent), f"{where}: {actual}"
        for index, item in enumerate(sent):
            assert_holds(actual[index], item, f"{where}[{index}]")
    elif isinstance(sent, dict):
        assert actual, f"{where} is missing"
        for key, value in sent.items():
            assert_holds(actual.get(key), value, f"{where}.{key}")
    else:
        assert actual == sent, where


def assert_same_but(after, before, *changed):
    """The two records are alike but for the members named."""

    def rest(record):
        return {key: value for key, value in record.items() if key not in {*changed, "updated_at"}}

    assert rest(after) == rest(before)


def refusal(error_class, call, **arguments):
    """The error that the call fails with, which must be of just this class."""
    with pytest.raises(error_class) as caught:
        call(**arguments)
    assert type(caught.value) is error_class
    return caught.value


def body(error):
    return json.loads(error.body)
