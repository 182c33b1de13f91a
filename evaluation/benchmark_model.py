"""The model whose readings benchmarks make up."""

from typing import Final

from core.reading import ModelIdentity

BENCHMARK_MODEL: Final = ModelIdentity(
    family="radvlm",
    name="Benchmark",
    version="1",
    weights_sha256="ab" * 32,
    dtype="float32",
    device="cpu",
    prompt_version="1",
    licence="none",
    intended_use="benchmark",
)
