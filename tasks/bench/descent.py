"""A training step, written as PyTorch's users do."""

import torch
from torch import nn


class Descent:
    """AdamW on the trainable parameters of a model. Only matrices decay. `half` is mixed precision."""

    def __init__(self, model, lr, weight_decay, clip, fused, half=False):
        self.clip, self.half = clip, half
        self.device = next(model.parameters()).device.type
        self.scaler = torch.amp.GradScaler(self.device, enabled=half)
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in self.parameters if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for p in self.parameters if p.ndim == 1], "weight_decay": 0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=lr, fused=fused or None)

    def step(self, forward):
        self.optimizer.zero_grad()
        with torch.autocast(self.device, dtype=torch.float16, enabled=self.half):
            loss = forward()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        nn.utils.clip_grad_norm_(self.parameters, self.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss.item()


def parameters_sent(tensors):
    """Returns the parameters that were sent, by name. It is empty if the model shall draw its own weights."""
    return {name.removeprefix("param."): value for name, value in tensors.items() if name.startswith("param.")}
