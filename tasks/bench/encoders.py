"""The PyTorch side of encoders.ts: frozen encoders, or fine-tuned with a linear head on the mean state."""

import importlib

import torch
from descent import Descent, parameters_sent
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence


def model_of(config, spec, tensors):
    """Returns the encoder and its head, with the parameters that were sent."""
    model = importlib.import_module(spec["encoder"]).Encoder(config)
    model.classifier = nn.Linear(config["hidden_size"], CLASSES)
    if sent := parameters_sent(tensors):
        model.load_state_dict(sent)
    return model


CLASSES = 7


class Training:
    """A model and its optimiser."""

    def __init__(self, config, spec, tensors, fused):
        self.model = model_of(config, spec, tensors).train()
        for name, parameter in self.model.named_parameters():
            parameter.requires_grad = name.split(".")[0] not in spec["frozen"]
        rates = spec["lr"], spec["weight_decay"], spec["clip"]
        self.descent = Descent(self.model, *rates, fused, spec["half"])

    def losses(self, batches):
        return [self.descent.step(lambda: self.loss(*batch)) for batch in batches]

    def loss(self, rows, mask, labels):
        states, mask = self.model(rows, mask)
        share = mask / mask.sum(1, keepdim=True)
        mean = torch.bmm(share.unsqueeze(1), states).squeeze(1)
        return F.cross_entropy(self.model.classifier(mean), labels)


class FineTuning:
    def __init__(self, spec, tensors):
        self.spec, self.tensors, self.runs = spec, tensors, {}
        labels = tensors["labels"].long().split(spec["rows"])
        self.batches = [(*batch, labels) for batch, labels in zip(batches_of(spec, tensors), labels)]

    def training(self, config, variant):
        return Training(self.spec[config], self.spec, self.tensors, "fused" in variant)

    def check(self, variant):
        return self.training("exact", variant).losses(self.batches[: self.spec["checked"]])

    def round(self, variant):
        if variant not in self.runs:
            self.runs[variant] = self.training("config", variant)
        self.runs[variant].losses(self.batches)


class Forward:
    def __init__(self, spec, tensors):
        self.spec, self.batches = spec, batches_of(spec, tensors)
        self.model = model_of(spec["config"], spec, tensors).eval()

    @torch.no_grad()
    def check(self, variant):
        states, _ = self.model(*self.batches[0])
        return states[:, 0, : self.spec["checked"]].flatten().tolist()

    @torch.no_grad()
    def round(self, variant):
        for batch in self.batches:
            self.model(*batch)


def batches_of(spec, tensors):
    """Returns batches of padded rows [B, L] and their masks, which are true at real positions."""
    rows = tensors["rows"].split(tensors["lengths"].tolist())
    batches = []
    for start in range(0, len(rows), spec["rows"]):
        chosen = rows[start : start + spec["rows"]]
        padded = pad_sequence(chosen, batch_first=True)
        lengths = torch.tensor([len(row) for row in chosen])
        batches.append((padded, torch.arange(padded.shape[1]) < lengths.unsqueeze(1)))
    return batches


def open(spec, tensors):
    return FineTuning(spec, tensors) if "lr" in spec else Forward(spec, tensors)
