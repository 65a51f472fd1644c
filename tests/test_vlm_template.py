"""Chat templates that strangers wrote: those that do not come to an end are refused in one line."""

from pathlib import Path

import pytest

from tests.tiny_chat import make_chat
from tests.tiny_chat_parts import TEMPLATE
from tests.trained_chat import ROWS
from vlm import LoadOptions, ModelError, load_model
from vlm.chat.template import LARGEST, check

PLAIN = TEMPLATE.replace("IMAGE", "<image>")
ENDLESS = {
    "a loop in a loop": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}"
    "{% endfor %}",
    "a text that doubles": "{% set n = namespace(x='ab') %}{% for i in range(60) %}"
    "{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x | length }}",
    "one long text": "{{ 'x' * 99999999999 }}",
    "a long text that is not shown": "{% if messages | length > 2 %}"
    "{% set x = messages[0].role * 400000000 %}{% endif %}",
    "many texts": "{% for i in range(99999) %}{{ 'x' * 10000 }}{% endfor %}",
    "a macro that calls itself": "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
    "behind a tag of transformers": "{% generation %}{{ 'x' * 99999999999 }}{% endgeneration %}",
    "only with an answer": "{% if messages | length > 2 %}{{ 'x' * 99999999999 }}{% endif %}",
    "only with pictures": "{% if messages[0].content | length > 4 %}{{ 'x' * 99999999999 }}"
    "{% endif %}",
    "too long itself": "{# " + "x" * LARGEST + " #}",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENDLESS)
def test_a_template_without_end_is_refused(kind: str) -> None:
    with pytest.raises(ModelError, match="the chat template of toy does not come to an end"):
        check("toy", PLAIN + ENDLESS[kind])


@pytest.mark.parametrize("row", ROWS)
def test_published_templates_come_to_an_end(row: str) -> None:
    check("toy", ROWS[row].template)


@pytest.mark.parametrize(
    "template",
    [
        PLAIN,
        PLAIN + "{{ raise_exception('no') }}",
        "{{ raise_exception('no') }}" + ENDLESS["one long text"],  # it ends before that
        "{% generation %}" + PLAIN + "{% endgeneration %}{{ strftime_now('%d') }}",
        "{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{% endfor %}" + PLAIN,
        "{{ broken",
    ],
)
def test_errors_of_a_templates_own_are_left_to_its_rendering(template: str) -> None:
    check("toy", template)


def test_a_checkpoint_with_such_a_template_is_refused(tmp_path: Path) -> None:
    folder = make_chat("llava", tmp_path, template=PLAIN + ENDLESS["one long text"])
    with pytest.raises(ModelError, match="does not come to an end") as told:
        load_model(str(folder), LoadOptions("cpu"))
    assert "\n" not in str(told.value)
