"""wav2vec2's base encoder, equal to the reference implementation, with the same parameter names."""

import torch
from torch import nn
from torch.nn import functional as F


class Convolution(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, normed):
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel, stride, bias=False)
        self.layer_norm = nn.GroupNorm(outputs, outputs) if normed else nn.Identity()

    def forward(self, x):
        return F.gelu(self.layer_norm(self.conv(x)))


class FeatureProjection(nn.Module):
    def __init__(self, config):
        super().__init__()
        inputs = config["conv_dim"][-1]
        self.layer_norm = nn.LayerNorm(inputs, eps=config["layer_norm_eps"])
        self.projection = nn.Linear(inputs, config["hidden_size"])
        self.dropout = nn.Dropout(config["feat_proj_dropout"])

    def forward(self, frames):
        return self.dropout(self.projection(self.layer_norm(frames)))


class Positions(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, kernel, groups = (
            config[key] for key in ("hidden_size", "num_conv_pos_embeddings", "num_conv_pos_embedding_groups")
        )
        conv = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=groups)
        self.conv = nn.utils.parametrizations.weight_norm(conv, name="weight", dim=2)

    def forward(self, states):
        length = states.shape[1]
        return F.gelu(self.conv(states.transpose(1, 2))[:, :, :length]).transpose(1, 2)


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.heads, self.rate = config["num_attention_heads"], config["attention_dropout"]
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(width, width))

    def forward(self, states):
        batch, length, width = states.shape
        split = lambda x: x.view(batch, length, self.heads, -1).transpose(1, 2)
        queries, keys, values = split(self.q_proj(states)), split(self.k_proj(states)), split(self.v_proj(states))
        rate = self.rate if self.training else 0
        context = F.scaled_dot_product_attention(queries, keys, values, dropout_p=rate)
        return self.out_proj(context.transpose(1, 2).reshape(batch, length, width))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.intermediate_dense = nn.Linear(config["hidden_size"], config["intermediate_size"])
        self.output_dense = nn.Linear(config["intermediate_size"], config["hidden_size"])
        self.inner_dropout = nn.Dropout(config["activation_dropout"])
        self.dropout = nn.Dropout(config["hidden_dropout"])

    def forward(self, states):
        inner = self.inner_dropout(F.gelu(self.intermediate_dense(states)))
        return self.dropout(self.output_dense(inner))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, eps = config["hidden_size"], config["layer_norm_eps"]
        self.attention, self.dropout = Attention(config), nn.Dropout(config["hidden_dropout"])
        self.layer_norm = nn.LayerNorm(width, eps=eps)
        self.feed_forward = FeedForward(config)
        self.final_layer_norm = nn.LayerNorm(width, eps=eps)

    def forward(self, states):
        attended = self.layer_norm(states + self.dropout(self.attention(states)))
        return self.final_layer_norm(attended + self.feed_forward(attended))


class TransformerEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.pos_conv_embed = Positions(config)
        self.layer_norm = nn.LayerNorm(config["hidden_size"], eps=config["layer_norm_eps"])
        self.dropout = nn.Dropout(config["hidden_dropout"])
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))

    def forward(self, states):
        states = self.dropout(self.layer_norm(states + self.pos_conv_embed(states)))
        for layer in self.layers:
            states = layer(states)
        return states


class Wav2Vec2(nn.Module):
    """The encoder for rows of one length, which need no mask."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        widths = [1, *config["conv_dim"]]
        sizes = zip(widths, widths[1:], config["conv_kernel"], config["conv_stride"])
        layers = nn.ModuleList(Convolution(*size, normed=i == 0) for i, size in enumerate(sizes))
        self.feature_extractor = nn.ModuleDict({"conv_layers": layers})
        self.feature_projection = FeatureProjection(config)
        self.masked_spec_embed = nn.Parameter(torch.rand(config["hidden_size"]))
        self.encoder = TransformerEncoder(config)

    def forward(self, samples, _):
        """Returns hidden states [B, L, D] of samples [B, N]."""
        x = samples[:, None]
        for layer in self.feature_extractor["conv_layers"]:
            x = layer(x)
        states = self.feature_projection(x.transpose(1, 2))
        if self.training and self.config["apply_spec_augment"]:
            states = torch.where(self.spans(*states.shape[:2])[..., None], self.masked_spec_embed, states)
        states = self.encoder(states)
        return states, torch.ones(states.shape[:2], dtype=torch.bool, device=states.device)

    def spans(self, rows, length):
        """Draws the masked frames [B, L]: enough spans to cover the share `mask_time_prob` without overlap."""
        span, share = self.config["mask_time_length"], self.config["mask_time_prob"]
        count = max(self.config["mask_time_min_masks"], int(share * length / span + torch.rand(1).item()))
        mask = torch.zeros(rows, length, dtype=torch.bool)
        for row in mask:
            for start in torch.randperm(length - span + 1)[:count].tolist():
                row[start : start + span] = True
        return mask


Encoder = Wav2Vec2
