"""Llama's tokenizer of a base model, with an image token behind its vocabulary."""

from pathlib import Path
from typing import Any, Final

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from core.errors import ModelFolderError
from reader.convert.sentencepiece_file import byte_pair_merges, read_pieces
from reader.model_folder import read_json

BLANK: Final = "\u2581"
SPECIAL: Final = {"<unk>": 0, "<s>": 1, "</s>": 2}


def llama_tokenizer(base: Path, image_token: str) -> PreTrainedTokenizerFast:
    """Build the tokenizer.

    A blank comes before every piece of text between special tokens, which is how LLaVA's
    published code tokenizes the pieces around an image, one by one.

    Parameters
    ----------
    base
        A folder with a `tokenizer.model` or a `tokenizer.json`.
    image_token
        Becomes the first token behind the vocabulary.

    Raises
    ------
    ModelFolderError
        If there is neither file, or it is of another kind.
    """
    vocabulary, merges = _parts(base)
    wrong = [token for token, number in SPECIAL.items() if vocabulary.get(token) != number]
    if wrong or image_token in vocabulary:
        message = f"{base}: its tokenizer has no {wrong[0] if wrong else 'room for an image token'}"
        raise ModelFolderError(message)
    unknown, start, end = SPECIAL
    core = Tokenizer(
        models.BPE(
            vocab=vocabulary, merges=merges, byte_fallback=True, fuse_unk=True, unk_token=unknown
        )
    )
    core.pre_tokenizer = pre_tokenizers.Metaspace(
        replacement=BLANK, prepend_scheme="always", split=False
    )
    core.decoder = decoders.Sequence(
        [
            decoders.Replace(BLANK, " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(content=" ", left=1),
        ]
    )
    core.add_special_tokens(
        [AddedToken(token, normalized=False, special=True) for token in (*SPECIAL, image_token)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        unk_token=unknown,
        bos_token=start,
        eos_token=end,
        pad_token=unknown,
        clean_up_tokenization_spaces=False,
    )


def _parts(base: Path) -> tuple[dict[str, int], list[tuple[str, str]]]:
    if (base / "tokenizer.model").exists():
        pieces = read_pieces(base / "tokenizer.model")
        vocabulary = {piece.text: number for number, piece in enumerate(pieces)}
        if len(vocabulary) != len(pieces):
            message = f"{base}: two pieces of its tokenizer are the same"
            raise ModelFolderError(message)
        return vocabulary, byte_pair_merges(pieces)
    if not (base / "tokenizer.json").exists():
        message = f"{base} has neither a tokenizer.model nor a tokenizer.json"
        raise ModelFolderError(message)
    model: Any = read_json(base / "tokenizer.json").get("model")
    if not isinstance(model, dict) or model.get("type") != "BPE" or not model.get("byte_fallback"):
        message = f"{base}: its tokenizer is not of Llama's kind"
        raise ModelFolderError(message)
    pairs = [pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"]]
    return dict(model["vocab"]), [(str(left), str(right)) for left, right in pairs]
