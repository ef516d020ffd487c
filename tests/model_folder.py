"""Small transformers with random weights, written as Hugging Face's own library writes them."""

from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = [
    "<s>",
    "</s>",
    "<unk>",
    "<pad>",
    "so",
    "good",
    "a",
    "film",
    "it",
    "is",
    "the",
    "old",
    "sea",
]
WORDS += ["bad", "plot", "é", "電", "影", "!"]
SIZES = dict(
    vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
    intermediate_size=24, max_position_embeddings=40, pad_token_id=1,
)  # fmt: skip
KINDS = {
    "bert": (transformers.BertConfig, transformers.BertModel, {}),
    "roberta": (transformers.RobertaConfig, transformers.RobertaModel, {"type_vocab_size": 1}),
    "xlm-roberta": (
        transformers.XLMRobertaConfig, transformers.XLMRobertaModel, {"type_vocab_size": 1}
    ),
    "camembert": (transformers.CamembertConfig, transformers.CamembertModel, {}),
    "distilbert": (transformers.DistilBertConfig, transformers.DistilBertModel, {}),
    "bert with tanh": (
        transformers.BertConfig, transformers.BertModel, {"hidden_act": "gelu_new"}
    ),
}  # fmt: skip
# Read by their library, as textseq does not compute them itself.
LIBRARY_KINDS = {
    "modernbert": (
        transformers.ModernBertConfig, transformers.ModernBertModel,
        {"cls_token_id": 0, "sep_token_id": 1, "bos_token_id": 0, "eos_token_id": 1,
         "global_attn_every_n_layers": 2, "local_attention": 4},
    ),
    "mpnet": (transformers.MPNetConfig, transformers.MPNetModel, {}),
    "deberta": (
        transformers.DebertaV2Config, transformers.DebertaV2Model,
        {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8},
    ),
    "albert": (transformers.AlbertConfig, transformers.AlbertModel, {"embedding_size": 8}),
    "electra": (transformers.ElectraConfig, transformers.ElectraModel, {"embedding_size": 8}),
    "mobilebert": (
        transformers.MobileBertConfig, transformers.MobileBertModel,
        {"embedding_size": 8, "intra_bottleneck_size": 8, "true_hidden_size": 8},
    ),
    # The states of its tokens change with what stands behind a row.
    "fnet": (transformers.FNetConfig, transformers.FNetModel, {}),
    "gpt2": (
        transformers.GPT2Config, transformers.GPT2Model,
        {"bos_token_id": 0, "eos_token_id": 1},
    ),
    "qwen3": (
        transformers.Qwen3Config, transformers.Qwen3Model,
        {"num_key_value_heads": 2, "head_dim": 4},
    ),
}  # fmt: skip


def write_model(folder: Path, kind: str):
    """Write a model, and return it as their library has it."""
    config_class, model_class, own = (KINDS | LIBRARY_KINDS)[kind]
    sizes = dict(SIZES)
    if kind == "distilbert":
        sizes = {
            "vocab_size": SIZES["vocab_size"], "dim": 16, "n_layers": 2, "n_heads": 4,
            "hidden_dim": 24, "max_position_embeddings": 40, "pad_token_id": 1,
        }  # fmt: skip
    torch.manual_seed(0)
    model = model_class(config_class(**sizes | own)).eval()
    for weight in model.parameters():  # biases and norms that are not 0 and 1
        torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return model


def write_tokenizer(folder: Path) -> None:
    """Write a tokenizer that cuts at spaces, with a token at each end."""
    tokenizer = Tokenizer(
        models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
