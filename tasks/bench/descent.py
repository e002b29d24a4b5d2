"""A training step as PyTorch's users write it."""

import torch
from torch import nn


class Descent:
    """AdamW on what of a model trains; matrices alone decay."""

    def __init__(self, model, lr, weight_decay, clip, fused):
        self.clip = clip
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in self.parameters if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for p in self.parameters if p.ndim == 1], "weight_decay": 0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=lr, fused=fused or None)

    def step(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, self.clip)
        self.optimizer.step()
        return loss.item()


def parameters_sent(tensors):
    """By name; none where the model is to begin with weights of its own."""
    return {name.removeprefix("param."): value for name, value in tensors.items() if name.startswith("param.")}
