"""Makes calendars.json: dates of calendars as pandas makes them, and those that follow.

    pip install pandas==3.1.1
    python make.py > calendars.json
"""
import json

import pandas as pd

calendars = {
    "days": dict(start="2019-02-20", freq="D"), "weeks": dict(start="2019-01-06", freq="W"), "four weeks": dict(start="2019-01-07", freq="28D"),
    "business days": dict(start="2019-12-18", freq="B"), "Sunday to Thursday": dict(start="2019-01-01", freq=pd.offsets.CustomBusinessDay(weekmask="Sun Mon Tue Wed Thu")),
    "month starts": dict(start="2019-01-01", freq="MS"), "month ends": dict(start="2019-01-31", freq="ME"), "ends of months from April": dict(start="2019-04-30", freq="ME"),
    "quarter starts": dict(start="2019-01-01", freq="QS"), "quarter ends": dict(start="2019-03-31", freq="QE"), "fiscal quarters": dict(start="2019-01-31", freq="QE-JAN"),
    "year ends": dict(start="1980-12-31", freq="YE"), "ends of February": dict(start="1980-02-29", freq="YE-FEB"), "years": dict(start="1650-01-01", freq="YS"),
    "business month ends": dict(start="2019-01-31", freq="BME"), "business month starts": dict(start="2019-01-01", freq="BMS"), "business quarter ends": dict(start="2019-03-29", freq="BQE"),
    "third Fridays": dict(start="2019-01-18", freq="WOM-3FRI"), "last Thursdays": dict(start="2019-01-31", freq=pd.offsets.LastWeekOfMonth(weekday=3)),
    "half years": dict(start="2001-01-01", freq="6MS"),
    "hours": dict(start="2019-03-30 20:00", freq="h"), "quarters of an hour": dict(start="2019-03-30 20:00", freq="15min"), "seconds": dict(start="2019-03-30 20:00", freq="s"),
    "hours in Berlin": dict(start="2019-03-30 20:00", freq="h", tz="Europe/Berlin"), "midnights in Berlin": dict(start="2019-03-20", freq="D", tz="Europe/Berlin"),
    "months in New York": dict(start="2019-01-01", freq="MS", tz="America/New_York"), "ends of months in Auckland": dict(start="2019-01-31", freq="ME", tz="Pacific/Auckland"),
}
out = []
for name, spec in calendars.items():
    dates = pd.date_range(periods=43, **spec)
    case = {"name": name, "dates": [d.isoformat() for d in dates[:40]], "next": [d.isoformat() for d in dates[40:]]}
    if dates.tz is not None:
        case["utc"] = [d.isoformat() for d in dates[:40].tz_convert("UTC")]
    out.append(case)
lines = ",\n".join(json.dumps(case) for case in out)
print(f'{{"program": "testdata/make.py", "pandas": "{pd.__version__}", "calendars": [\n{lines}\n]}}')
