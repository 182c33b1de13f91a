"""RadVLM's words, letter by letter, as its authors publish them.

That a model is really given them as one sequence with its image is in engines/test_local.
"""

import pytest

from reader import prompts


def test_questions_are_the_published_ones() -> None:
    assert prompts.REPORT == "Provide a radiology report for this Chest X-Ray."
    assert prompts.CLASSIFICATION == "Please identify the abnormalities from this image."
    assert prompts.grounding("pleural effusion") == (
        "Where is the pleural effusion located in this Chest X-ray?"
    )


def test_first_turn_has_the_image_and_no_system_turn() -> None:
    rendered = f"{prompts.before_image(system=False)}<image>{prompts.after_image((), 'What?')}"
    assert rendered == "<|im_start|>user\n<image>\nWhat?<|im_end|>\n<|im_start|>assistant\n"


def test_system_turn_comes_first_where_it_is_wanted() -> None:
    assert prompts.before_image(system=True) == (
        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
    )


def test_later_turns_have_no_image() -> None:
    assert prompts.after_image((("One?", "Yes."), ("Two?", "No.")), "Three?") == (
        "\nOne?<|im_end|>\n<|im_start|>assistant\nYes.<|im_end|>\n"
        "<|im_start|>user\nTwo?<|im_end|>\n<|im_start|>assistant\nNo.<|im_end|>\n"
        "<|im_start|>user\nThree?<|im_end|>\n<|im_start|>assistant\n"
    )


@pytest.mark.parametrize(
    ("labels", "answer"),
    [
        ((), "There are no findings on this Chest X-ray."),
        (("edema",), "The following abnormality is present: edema."),
        (("edema", "fracture"), "The following abnormalities are present: edema and fracture."),
        (
            ("atelectasis", "edema", "fracture"),
            "The following abnormalities are identified: atelectasis, edema and fracture.",
        ),
    ],
)
def test_a_list_of_labels_has_its_trained_wordings(labels: tuple[str, ...], answer: str) -> None:
    assert answer in prompts.classification_answers(labels)
