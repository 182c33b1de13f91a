"""MAIRA-2's network: a LLaVA with a DINOv2 backbone and a deeper projector.

The published folder (microsoft/maira-2) brings code for an older layout of `transformers`, which
FirstRead never runs. These classes are the same network in the present layout: the tower's last
feature map after its final norm, without its first token, through linear layers with an
activation between them. Checked against that code, `modeling_maira2.py`.
"""

from typing import Any, Final

from torch import Tensor, nn
from transformers import AutoBackbone, AutoModel, LlavaConfig, LlavaForConditionalGeneration
from transformers.activations import ACT2FN
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.llava.modeling_llava import LlavaModel, LlavaPreTrainedModel

RENAMED: Final = {
    r"^language_model\.lm_head\.": "lm_head.",
    r"^language_model\.model\.": "model.language_model.",
    r"^vision_tower\.": "model.vision_tower.",
    r"^multi_modal_projector\.": "model.multi_modal_projector.",
}
"""From the published key names to these classes'."""


class Maira2Config(LlavaConfig):  # type: ignore[misc] # transformers carries no types here
    """LLaVA's configuration, with the number of the projector's linear layers."""

    model_type = "maira2"
    projector_n_layers: int = 4


class Maira2Projector(nn.Module):
    """From the tower's width to the language model's."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        width = config.text_config.hidden_size
        layers: list[nn.Module] = [nn.Linear(config.vision_config.hidden_size, width)]
        for _ in range(config.projector_n_layers - 1):
            layers += [ACT2FN[config.projector_hidden_act], nn.Linear(width, width)]
        self.layers = nn.Sequential(*layers)

    def forward(self, features: Tensor) -> Tensor:
        """Project features of shape [pictures, tokens, width of the tower]."""
        projected: Tensor = self.layers(features)
        return projected


class Maira2Model(LlavaModel):  # type: ignore[misc] # transformers carries no types here
    """The network without its head."""

    config_class = Maira2Config

    def __init__(self, config: Any) -> None:
        LlavaPreTrainedModel.__init__(self, config)
        self.vision_tower = AutoBackbone.from_config(config.vision_config)
        self.multi_modal_projector = Maira2Projector(config)
        self.language_model = AutoModel.from_config(config.text_config)
        self.post_init()

    def get_image_features(self, pixel_values: Tensor, **_ignored: Any) -> Any:
        """Give the pictures' embeddings as `pooler_output`: one [tokens, hidden] for each."""
        seen = self.vision_tower(pixel_values).feature_maps[-1][:, 1:]
        projected = self.multi_modal_projector(seen)
        return BaseModelOutputWithPooling(last_hidden_state=seen, pooler_output=list(projected))


class Maira2ForConditionalGeneration(LlavaForConditionalGeneration):  # type: ignore[misc] # as above
    """The network with its head."""

    config_class = Maira2Config

    def __init__(self, config: Any) -> None:
        LlavaPreTrainedModel.__init__(self, config)
        self.model = Maira2Model(config)
        text = config.text_config
        self.lm_head = nn.Linear(text.hidden_size, text.vocab_size, bias=False)
        self.post_init()
