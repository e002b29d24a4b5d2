"""The PyTorch side of training.ts: trains heads on cached hidden states, with the same parameter names."""

import torch
from descent import Descent, parameters_sent
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence


class AttentionPool(nn.Module):
    """Σ softmax(w·h + b) h over the real positions."""

    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, states, mask):
        scores = self.score(states).squeeze(-1).masked_fill(~mask, float("-inf"))
        return torch.bmm(scores.softmax(-1).unsqueeze(1), states).squeeze(1)


class DropDimensions(nn.Module):
    """Drops whole dimensions of an utterance, at all its positions."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, states):
        if self.rate == 0:
            return states
        return states * F.dropout(states.new_ones(len(states), 1, states.shape[2]), self.rate, self.training)


class Head(nn.Module):
    """Drops dimensions of both modalities' hidden states, then calls `fuse`."""

    def __init__(self, options):
        super().__init__()
        self.drop_dimensions = DropDimensions(options["input_dropout"])
        self.dropout = nn.Dropout(options["dropout"])

    def forward(self, text, text_mask, audio, audio_mask):
        return self.fuse(self.drop_dimensions(text), text_mask, self.drop_dimensions(audio), audio_mask)


class EarlyFusion(Head):
    def __init__(self, sizes, options):
        super().__init__(options)
        self.text_pooler = nn.Linear(sizes["text"], sizes["text"])
        self.classifier = nn.Linear(sizes["text"] + sizes["audio"], sizes["classes"])

    def fuse(self, text, text_mask, audio, audio_mask):
        summary = torch.tanh(self.text_pooler(text[:, 0]))
        share = audio_mask / audio_mask.sum(1, keepdim=True)
        mean = torch.bmm(share.unsqueeze(1), audio).squeeze(1)
        return self.classifier(self.dropout(torch.cat([summary, mean], 1)))


class AttentionPooling(Head):
    def __init__(self, sizes, options):
        super().__init__(options)
        self.text_pool = AttentionPool(sizes["text"])
        self.audio_pool = AttentionPool(sizes["audio"])
        self.classifier = nn.Linear(sizes["text"] + sizes["audio"], sizes["classes"])

    def fuse(self, text, text_mask, audio, audio_mask):
        pooled = torch.cat([self.text_pool(text, text_mask), self.audio_pool(audio, audio_mask)], 1)
        return self.classifier(self.dropout(pooled))


def attend(attention, queries, keys, mask):
    return attention(queries, keys, keys, key_padding_mask=~mask, need_weights=False)[0]


class FineGrained(Head):
    def __init__(self, sizes, options):
        super().__init__(options)
        width, heads = options["width"], options["heads"]
        self.text_proj = nn.Linear(sizes["text"], width)
        self.audio_proj = nn.Linear(sizes["audio"], width)
        self.text_to_audio = nn.MultiheadAttention(width, heads, batch_first=True)
        self.audio_to_text = nn.MultiheadAttention(width, heads, batch_first=True)
        self.text_pool = AttentionPool(width)
        self.audio_pool = AttentionPool(width)
        self.classifier = nn.Linear(2 * width, sizes["classes"])

    def fuse(self, text, text_mask, audio, audio_mask):
        text, audio = self.text_proj(text), self.audio_proj(audio)
        asked_audio = text + attend(self.text_to_audio, text, audio, audio_mask)
        asked_text = audio + attend(self.audio_to_text, audio, text, text_mask)
        pooled = torch.cat([self.text_pool(asked_audio, text_mask), self.audio_pool(asked_text, audio_mask)], 1)
        return self.classifier(self.dropout(pooled))


class MemoCMT(Head):
    def __init__(self, sizes, options):
        super().__init__(options)
        same = sizes["text"] == sizes["audio"]
        width, heads = options.get("width", sizes["text"] if same else 128), options["heads"]
        projection = lambda size: nn.Identity() if size == width else nn.Linear(size, width)
        self.text_proj, self.audio_proj = projection(sizes["text"]), projection(sizes["audio"])
        for branch in ("audio_to_text", "text_to_audio"):
            setattr(self, branch, nn.MultiheadAttention(width, heads, batch_first=True))
            setattr(self, f"{branch}_out", nn.Linear(width, width))
            setattr(self, f"{branch}_norm", nn.LayerNorm(width))
        self.head = nn.ModuleList([nn.Linear(width, options["hidden"]), nn.Linear(options["hidden"], sizes["classes"])])

    def fuse(self, text, text_mask, audio, audio_mask):
        text, audio = self.text_proj(text), self.audio_proj(audio)
        to_text = self.audio_to_text_norm(self.audio_to_text_out(attend(self.audio_to_text, audio, text, text_mask)))
        to_audio = self.text_to_audio_norm(self.text_to_audio_out(attend(self.text_to_audio, text, audio, audio_mask)))
        states, mask = torch.cat([to_text, to_audio], 1), torch.cat([audio_mask, text_mask], 1)
        pooled = states.masked_fill(~mask.unsqueeze(-1), float("inf")).min(1).values
        hidden = F.leaky_relu(self.head[0](self.dropout(pooled)))
        return self.head[1](self.dropout(hidden))


METHODS = {
    "early_fusion": EarlyFusion,
    "attention_pooling": AttentionPooling,
    "fine_grained": FineGrained,
    "memocmt": MemoCMT,
}


def state_dict(tensors):
    """Returns the parameters that were sent, with one matrix for queries, keys and values as in PyTorch."""
    params = parameters_sent(tensors)
    for name in [name for name in params if ".q_proj." in name]:
        packed = name.replace(".q_proj.", ".in_proj_")
        params[packed] = torch.cat([params.pop(name.replace(".q_", f".{part}_")) for part in "qkv"])
    return params


def sequences(tensors, modality):
    """Returns the hidden states [L, D] of each row."""
    distinct = tensors[f"{modality}.states"].split(tensors[f"{modality}.lengths"].tolist())
    return [distinct[i] for i in tensors[f"{modality}.index"].tolist()]


class Training:
    """A model, its optimiser and its remaining epochs."""

    def __init__(self, twin, fused, options):
        spec = twin.spec
        self.twin, self.orders = twin, iter(spec["orders"])
        self.model = METHODS[spec["method"]](spec["sizes"], options)
        if sent := state_dict(twin.tensors):
            self.model.load_state_dict(sent)
        self.descent = Descent(self.model, spec["lr"], spec["weight_decay"], spec["clip"], fused)

    def batch(self, rows):
        modalities = []
        for states in (self.twin.text, self.twin.audio):
            padded = pad_sequence([states[row] for row in rows], batch_first=True)
            lengths = torch.tensor([len(states[row]) for row in rows])
            modalities += [padded, torch.arange(padded.shape[1]) < lengths.unsqueeze(1)]
        return modalities, self.twin.labels[rows]

    def epoch(self, limit=None):
        self.model.train()
        losses = []
        for rows in next(self.orders)[:limit]:
            inputs, labels = self.batch(rows)
            losses.append(self.descent.step(lambda: F.cross_entropy(self.model(*inputs), labels)))
        return losses


class Twin:
    def __init__(self, spec, tensors):
        self.spec, self.tensors, self.runs = spec, tensors, {}
        self.text, self.audio = sequences(tensors, "text"), sequences(tensors, "audio")
        self.labels = tensors["labels"].long()

    def check(self, variant):
        return Training(self, "fused" in variant, self.spec["exact"]).epoch(self.spec["checked"])

    def round(self, variant):
        if variant not in self.runs:
            self.runs[variant] = Training(self, "fused" in variant, self.spec["options"])
        self.runs[variant].epoch()


open = Twin
