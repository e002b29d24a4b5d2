"""The PyTorch side of cold_start.ts: starts fresh Python processes, which run this file too."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

from peak import peak_mb

LABELS = 7


def with_transformers(folder, sentence):
    """Returns the hidden states of a sentence, computed with transformers as its users do."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    return model(**tokenizer(sentence, return_tensors="pt")).last_hidden_state


def with_torch_alone(folder, sentence):
    """Returns the hidden states with whole-word lookup and weights in torch's own file format."""
    import torch
    from bert import Bert

    model = Bert(config_of(folder)).eval()
    model.load_state_dict(torch.load(f"{folder}/bert.pt", weights_only=True))
    vocabulary = json.loads(Path(folder, "tokenizer.json").read_text())["model"]["vocab"]
    words = sentence.lower().replace(",", " ,").replace("!", " !").split()
    ids = torch.tensor([[vocabulary[word] for word in ("[CLS]", *words, "[SEP]")]])
    return model(ids, torch.ones_like(ids, dtype=torch.bool))[0]


WAYS = {"transformers": with_transformers, "torch alone": with_torch_alone}


def config_of(folder):
    return json.loads(Path(folder, "config.json").read_text())


def head_of(folder):
    import torch

    return torch.nn.Linear(config_of(folder)["hidden_size"], LABELS)


class Twin:
    def __init__(self, spec, _):
        import torch
        from bert import Bert

        self.spec, folder = spec, spec["folder"]
        self.variants = [way for way in WAYS if way != "transformers" or importlib.util.find_spec(way)]
        torch.save(Bert(config_of(folder)).state_dict(), f"{folder}/bert.pt")
        torch.save(head_of(folder).state_dict(), f"{folder}/head.pt")

    def check(self, variant):
        return []

    def round(self, variant):
        arguments = [variant, self.spec["folder"], self.spec["sentence"], str(self.spec["threads"])]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        command = [sys.executable, "-W", "ignore", __file__, *arguments]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True)
        if ended.returncode:
            raise RuntimeError(ended.stderr)
        self.peak = json.loads(ended.stdout)["peak"]


open = Twin


def main(way, folder, sentence, threads):
    import torch

    torch.set_num_threads(int(threads))
    head = head_of(folder)
    head.load_state_dict(torch.load(f"{folder}/head.pt", weights_only=True))
    with torch.no_grad():
        probabilities = head(WAYS[way](folder, sentence).mean(1)).softmax(-1)
    print(json.dumps({"probabilities": probabilities.tolist(), "peak": peak_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
