"""What was chosen survives the way through the address bar."""

import pytest

from panel_app.state import AppState, ExploreState, GridState, PredictState, ViewState


@pytest.mark.parametrize(
    ("state", "choices"),
    [
        (
            ExploreState(),
            {
                "task": "inference",
                "family": ["Llama 3", "Qwen, 2 & more"],
                "label": ["counter"],
                "first_year": 2021,
                "log_x": False,
                "suspect": False,
            },
        ),
        (GridState(), {"zone": ["FR", "US-CA"], "scope": "direct", "month": 7, "year": 2019}),
        (GridState(), {"zone": []}),
        (
            PredictState(),
            {
                "task": "inference",
                "parameters_total": "",
                "hardware": "NVIDIA B200 + a ½",
                "interval": 0.8,
                "region": "gcp:europe-west3",
            },
        ),
    ],
)
def test_choices_survive_the_address(state: ViewState, choices: dict):
    state.param.update(**choices)
    restored = type(state)()
    assert restored.update_from_query(state.to_query()) == []
    assert {name: getattr(restored, name) for name in state.fields()} == {
        name: getattr(state, name) for name in state.fields()
    }


def test_defaults_leave_the_address_empty():
    assert ExploreState().to_query() == ""


def test_unknown_and_impossible_choices_are_reported_and_ignored():
    state = ExploreState()
    problems = state.update_from_query("task=flying&first_year=soon&colour=red&log_x=maybe")
    assert state.to_query() == ""
    assert len(problems) == 4
    assert any("flying" in problem for problem in problems)
    assert any("colour" in problem for problem in problems)


def test_choices_that_an_address_does_not_name_go_back_to_their_defaults():
    state = ExploreState(task="inference", family=["Llama"])
    state.update_from_query("family=Qwen")
    assert (state.task, state.family) == ("training", ["Qwen"])


def test_the_theme_is_not_part_of_a_view():
    state = AppState()
    state.restore("grid", "?theme=dark&scope=direct")
    assert state.problems == []
    assert state.query == "scope=direct"


def test_each_page_has_its_own_choices():
    state = AppState()
    state.restore("explore", "task=inference")
    state.page = "predict"
    assert state.query == ""
    state.page = "explore"
    assert state.query == "task=inference"
