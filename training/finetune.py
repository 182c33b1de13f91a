r"""Fine-tune a LLaVA-OneVision folder on instruction data, by RadVLM's recipe.

All parameters learn, the vision tower at a fifth of the rate of the rest, over one cosine, from
the answers' tokens only. The demonstration model and the real one of seven billion parameters take
the same command; on several GPUs through accelerate, whose configuration decides how the model is
sharded::

    accelerate launch -m training.finetune --model RadVLM --data instructions.json \\
        --images films --out RadVLM-site

A run that was killed goes on from its last complete checkpoint when the command is given again.
Source: RadVLM (arXiv:2502.03333), the section on training.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from transformers import (
    AutoTokenizer,
    LlavaOnevisionForConditionalGeneration,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)

from training.instruction_data import Batcher, Samples, read_samples

_COMPLETE: Final = "complete"
# Files of a model's folder that training does not change and a reader of the folder needs.
_KEPT: Final = (
    "preprocessor_config.json",
    "processor_config.json",
    "chat_template.jinja",
    "chat_template.json",
    "firstread.json",
)


@dataclass(frozen=True)
class Recipe:
    """How a model is fine-tuned; the defaults are RadVLM's.

    Parameters
    ----------
    epochs
        Passes over the data.
    rate, vision_rate
        Highest learning rates of projector and language model, and of the vision tower.
    batch
        Samples per device and step.
    accumulate
        Steps that are added up to one update: RadVLM's effective batch is 256.
    save_every
        Updates between checkpoints.
    system
        Whether the system turn of RadVLM's training comes first.
    checkpointing
        Whether activations are computed again in the backward pass, to save memory.
    """

    epochs: float = 1.0
    rate: float = 1e-5
    vision_rate: float = 2e-6
    batch: int = 1
    accumulate: int = 1
    save_every: int = 200
    system: bool = False
    checkpointing: bool = False


class TwoRateTrainer(Trainer):  # type: ignore[misc]  # transformers is not typed
    """A Trainer whose vision tower learns at its own rate."""

    optimizer: torch.optim.Optimizer | None

    def __init__(self, *args: Any, vision_rate: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._vision_rate = vision_rate

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Load a checkpoint's weights, every one of them.

        The inherited method reads the file's own keys, which for this class are another layout's,
        finds none that fits, and goes on with a warning: the run would begin anew.
        """
        if self.is_deepspeed_enabled or self.is_fsdp_enabled:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        into = model or self.model
        saved = LlavaOnevisionForConditionalGeneration.from_pretrained(
            resume_from_checkpoint, dtype=into.dtype, local_files_only=True
        )
        into.load_state_dict(saved.state_dict(), strict=True)

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Make AdamW with a group of parameters for each rate."""
        if self.optimizer is None:
            groups = rate_groups(model or self.model, self.args.learning_rate, self._vision_rate)
            self.optimizer = torch.optim.AdamW(groups, weight_decay=self.args.weight_decay)
        return self.optimizer


class MarkComplete(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    """Marks a checkpoint once all of it is written: a kill may leave half of one."""

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Write the mark after the checkpoint's files are on the disk."""
        del control
        if not state.is_world_process_zero:
            return
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        os.sync()
        (folder / _COMPLETE).touch()


def rate_groups(model: Any, rate: float, vision_rate: float) -> list[dict[str, Any]]:
    """Divide a model's parameters by their learning rate."""
    named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    return [
        {"params": [w for name, w in named if "vision_tower" in name], "lr": vision_rate},
        {"params": [w for name, w in named if "vision_tower" not in name], "lr": rate},
    ]


def last_complete(out: Path) -> Path | None:
    """Give the newest checkpoint that was written to its end, None where there is none.

    Parameters
    ----------
    out
        The run's folder.
    """
    complete = [path.parent for path in out.glob(f"checkpoint-*/{_COMPLETE}")]
    return max(complete, key=_update_of, default=None)


def finetune(model_folder: Path, data: Path, images: Path, out: Path, recipe: Recipe) -> int:
    """Fine-tune a model and write it as a folder like the one it came from.

    Parameters
    ----------
    model_folder
        A LLaVA-OneVision folder.
    data
        Instructions as `training.instructions` writes them.
    images
        Folder of the pictures.
    out
        Where checkpoints and the finished model go.
    recipe
        How.

    Returns
    -------
    int
        The update that this run began at: 0, or that of the checkpoint it went on from.

    Raises
    ------
    SettingsError
        If the data cannot be used.
    """
    samples = read_samples(data, images)
    on_gpu = torch.cuda.is_available()
    model = LlavaOnevisionForConditionalGeneration.from_pretrained(
        model_folder, dtype=torch.bfloat16 if on_gpu else torch.float32, local_files_only=True
    )
    model.config.use_cache = False
    if recipe.checkpointing:
        # On the model itself: the Trainer's argument has another name in every second version.
        model.gradient_checkpointing_enable()
    tokenizer = AutoTokenizer.from_pretrained(model_folder, local_files_only=True)
    pictures = LlavaOnevisionImageProcessorPil.from_pretrained(model_folder, local_files_only=True)
    arguments = TrainingArguments(
        output_dir=str(out),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch,
        gradient_accumulation_steps=recipe.accumulate,
        learning_rate=recipe.rate,
        lr_scheduler_type="cosine",
        warmup_steps=0.03,
        weight_decay=0.0,
        bf16=on_gpu,
        use_cpu=not on_gpu,
        save_strategy="steps",
        save_steps=recipe.save_every,
        save_total_limit=2,
        logging_steps=10,
        remove_unused_columns=False,
        dataloader_pin_memory=on_gpu,
        report_to=[],
        seed=0,
    )
    trainer = TwoRateTrainer(
        model=model,
        args=arguments,
        train_dataset=Samples(samples),
        data_collator=Batcher(model, tokenizer, pictures, system=recipe.system),
        callbacks=[MarkComplete()],
        vision_rate=recipe.vision_rate,
    )
    start = last_complete(out)
    trainer.train(resume_from_checkpoint=str(start) if start else None)
    model.config.use_cache = True
    trainer.save_model(str(out))
    if trainer.is_world_process_zero():
        tokenizer.save_pretrained(out)
        _carry_over(model_folder, out)
    return _update_of(start) if start else 0


def _update_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _carry_over(source: Path, out: Path) -> None:
    """Copy what belongs to the folder; a declared name says from then on that it was tuned."""
    for name in _KEPT:
        if (source / name).is_file():
            shutil.copyfile(source / name, out / name)
    declared = out / "firstread.json"
    if declared.is_file():
        values = json.loads(declared.read_text(encoding="utf-8"))
        values["name"] = f"{values['name']}-tuned"
        declared.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Fine-tune from the command line."""
    parser = argparse.ArgumentParser(description="Fine-tune a LLaVA-OneVision model.")
    parser.add_argument("--model", type=Path, required=True, help="the model's folder")
    parser.add_argument("--data", type=Path, required=True, help="instructions, a JSON file")
    parser.add_argument("--images", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--out", type=Path, required=True, help="folder of the tuned model")
    parser.add_argument("--epochs", type=float, default=Recipe.epochs)
    parser.add_argument("--rate", type=float, default=Recipe.rate)
    parser.add_argument("--vision-rate", type=float, default=Recipe.vision_rate)
    parser.add_argument("--batch", type=int, default=Recipe.batch, help="samples per device")
    parser.add_argument("--accumulate", type=int, default=Recipe.accumulate)
    parser.add_argument("--save-every", type=int, default=Recipe.save_every)
    parser.add_argument("--system", action="store_true", help="put RadVLM's system turn first")
    parser.add_argument("--checkpointing", action="store_true", help="save memory, take longer")
    chosen = vars(parser.parse_args(arguments))
    model, data, images, out = (chosen.pop(name) for name in ("model", "data", "images", "out"))
    began = finetune(model, data, images, out, Recipe(**chosen))
    print(f"{out} is written; this run began at update {began}")


if __name__ == "__main__":
    main()
