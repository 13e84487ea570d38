"""Times as pages and tools write them (P6, C4)."""

from datetime import UTC, datetime

import pytest

from sangfroid.text.moments import moment_of

SEVEN = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T07:30:00Z",
        "2026-11-20T07:30:00z",
        "2026-11-20t07:30:00Z",
        "2026-11-20 07:30:00 UTC",
        "Fri Nov 20 07:30:00 +0000 2026",
        "Fri Nov 20 08:30:00 CET 2026",
        "2026/11/20 08:30:00 +01:00",
        "2026-11-20 08:30:00 Europe/Paris",
        "2026-11-20 07:30 GMT",
        "2026-11-20T07:30Z",
        "2026-11-20T08:30:00+01:00",
        "2026-11-20T08:30:00+0100",
        "2026-11-20T08:30:00+01",
        "2026-11-20 08:30:00 +0100",
        "2026-11-20 08:30:00 +01:00",
        "2026-11-20T07:30:00+00",
        "2026-11-20 07:30:00 +0000",
        "2026-11-20T07:30:00.000Z",
        "2026-11-20T07:30:00,000000000Z",
        "20261120T073000Z",
        "2026-11-20T08:30:00+01:00[Europe/Paris]",
        "2026-11-20T08:30:00[Europe/Paris]",
        "2026-11-20T07:30:00Z[Europe/Paris]",
        "2026-11-20T08:30[Europe/Paris][u-ca=gregory]",
        "Fri, 20 Nov 2026 07:30:00 GMT",
        "Fri, 20 Nov 2026 08:30:00 +0100",
        "20 Nov 2026 07:30:00 +0000",
        "Fri, 20 Nov 2026 07:30 UT",
        "Fri, 20 Nov 26 07:30:00 GMT",
        "Fri, 20 Nov 2026 02:30:00 EST",
        "Fri, 20 Nov 2026 07:30:00 -0000",
        "Friday, 20-Nov-26 07:30:00 GMT",
        "Fri, 20 Nov 2026 08:30:00 +0100 (CET)",
        "Fri, 20 Nov 2026 07:30:00 Z",
        "Fri Nov 20 2026 08:30:00 GMT+0100 (Central European Standard Time)",
        "Fri Nov 20 07:30:00 2026 +0000",
        "Fri, 20 Nov 2026 08:30:00 CET",
        "2026-11-20 08:30:00 CET",
        "1795159800",
        "1795159800000",
        1795159800,
        1795159800000,
        1795159800.0,
        "1795159800.0",
        " 2026-11-20T07:30:00Z\n",
        "2026-11-20T08:30:00 UTC+1",
        "2026-11-20T08:30:00\u202f+01:00",
        "2026-11-20T07:29:60Z",
        "Fri, 20 Nov 2026 07:29:60 GMT",
        "2026-11-20T05:30:00\u221202:00",
        "2026-11-20 07:30:00.0 UTC",
        "2026-11-20T07:30:00 Z",
        "2026-W47-5T07:30:00Z",
        "2026W475T073000Z",
        "2026-324T07:30:00Z",
        "２０２６-１１-２０T０７:３０:００Z",
        "2026年11月20日 16:30 JST",
        "2026.11.20 07:30:00 UTC",
        "1795159800000000",
        "20 novembre 2026 08:30 CET",
        "20 nov. 2026 08:30 +01:00",
        "vendredi 20 novembre 2026 à 08:30 (UTC+1)",
        "ven. 20 nov. 2026 08:30:00 +0100",
        "le 20 novembre 2026 à 8h30 (CET)",
        "November 20, 2026 at 2:30 AM EST",
        "20. November 2026 um 08:30 Uhr MEZ",
        "20 de noviembre de 2026 08:30 CET",
    ],
)
def test_one_moment(written: object) -> None:
    assert moment_of(written) == SEVEN


def test_the_end_of_a_year() -> None:
    assert moment_of("2016-12-31T23:59:60Z") == datetime(2017, 1, 1, tzinfo=UTC)
    assert moment_of("2026-12-31T24:00:00Z") == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-11-20",
        "2026-11-20T08:30:00",
        "2026-11-20 08:30",
        "Fri, 20 Nov 2026 08:30:00",
        "yesterday",
        "05/06/2026 08:30 UTC",  # of June, or of May
        "20/13/2026 08:30 UTC",
        "20/11/2026",
        None,
        True,
        [],
        {},
        "2026-13-20T08:30:00Z",
        "2026-11-31T08:30:00Z",
        "2026-11-20T25:00:00Z",
        "2026-11-20T08:61:00Z",
        "2026-11-20T08:30:61Z",
        "9" * 40,
        float("nan"),
        float("inf"),
        10**40,
        "2026-11-20T08:30:00+99:00",
        "2026-11-20T08:30:00[Nowhere/Here]",
        "2026-11-20T08:30:00[../../etc/passwd]",
        "Nov",
        "Nov 2026 Z",
        "0001-01-01T00:00:00+14:00",
        "x" * 10_000,
        "Fri, 99 Nov 2026 08:30:00 GMT",
        "2026-11-20T08:30:00 BST",
    ],
)
def test_no_moment(written: object) -> None:
    assert moment_of(written) is None


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Nov 20, 2026, 7:30 PM UTC", "2026-11-20T19:30:00+00:00"),
        ("November 20, 2026 at 7:30 p.m. EST", "2026-11-21T00:30:00+00:00"),
        ("20 nov 2026 12:30 am UTC", "2026-11-20T00:30:00+00:00"),
        ("1er août 2026 08:30 CEST", "2026-08-01T06:30:00+00:00"),
        ("20 févr. 2026 08:30 CET", "2026-02-20T07:30:00+00:00"),
        ("20 déc. 2026 8h CET", "2026-12-20T07:00:00+00:00"),
        ("20/11/2026 à 8h30 CET", "2026-11-20T07:30:00+00:00"),
        ("le vendredi 20/11/2026 8:30 +01:00", "2026-11-20T07:30:00+00:00"),
        ("11/20/2026, 8:30:12 PM EST", "2026-11-21T01:30:12+00:00"),
        ("5.6.2026, 08:30 Uhr MESZ", "2026-06-05T06:30:00+00:00"),
        ("5/5/2026 08:30Z", "2026-05-05T08:30:00+00:00"),
        ("20-11-2026T08:30Z", "2026-11-20T08:30:00+00:00"),
    ],
)
def test_dates_in_words(written: str, moment: str) -> None:
    assert moment_of(written) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "written",
    [
        "2026-366T00:00:00Z", "2026-W54-1T00:00:00Z", "31 février 2026 08:30 CET", "20 foo 2026 08:30 CET",
        "20 novembre 2026 08:30", "2026-324", float("inf"), float("-inf"), "1e999",
    ],
)  # fmt: skip
def test_what_names_no_moment(written: object) -> None:
    assert moment_of(written) is None
