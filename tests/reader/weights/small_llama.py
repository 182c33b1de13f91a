"""A tokenizer of Llama's kind, and pieces of text models, of a few hundred entries each."""

from collections.abc import Sequence

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

PAD, BOS, END = "<unk>", "<s>", "</s>"
_WORDS = ("the", "is", "of", "in", "find", "ing", "image", "USER", "ASS", "ray", "and")


def llama_vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Make the pieces of a byte-pair model with single bytes to fall back on, and its merges."""
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581"]
    pieces += [chr(code) for code in range(33, 127)]
    merges: list[tuple[str, str]] = []
    for word in (f"\u2581{word}" for word in _WORDS):
        for end in range(2, len(word) + 1):
            if word[:end] not in pieces:
                merges.append((word[: end - 1], word[end - 1]))
                pieces.append(word[:end])
    return {piece: number for number, piece in enumerate(pieces)}, merges


def llama_tokenizer(
    special: Sequence[str] = (), added: Sequence[str] = (), *, prepend: str = "first"
) -> PreTrainedTokenizerFast:
    """Make a tokenizer.

    Parameters
    ----------
    special, added
        Tokens behind the vocabulary: first those that decoding hides, then those that it shows.
    prepend
        Where a blank is put before a text: at its "first" piece, or "always".
    """
    vocabulary, merges = llama_vocabulary()
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, byte_fallback=True, fuse_unk=True))
    core.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=prepend, split=False)
    core.decoder = decoders.Sequence(
        [
            decoders.Replace("\u2581", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(content=" ", left=1),
        ]
    )
    core.add_special_tokens([AddedToken(mark, special=True) for mark in (PAD, BOS, END, *special)])
    core.add_tokens([AddedToken(mark, normalized=False) for mark in added])
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token=BOS,
        eos_token=END,
        pad_token=PAD,
        clean_up_tokenization_spaces=False,
    )
