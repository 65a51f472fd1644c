"""The pages without a browser: Streamlit's own test harness."""

from streamlit.testing.v1 import AppTest

from memeprobe.dashboard.app import PAGES


def app(page: str) -> AppTest:
    module, name = PAGES[page][0].__module__, PAGES[page][0].__name__
    script = f"from {module} import {name}\n{name}()"
    return AppTest.from_string(script, default_timeout=240)


def html(at: AppTest) -> str:
    return "\n".join(h.value for h in at.html)
