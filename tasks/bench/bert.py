"""BERT's encoder, equal to the reference implementation, with the same parameter names."""

import torch
from torch import nn
from torch.nn import functional as F


class Embeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.word_embeddings = nn.Embedding(config["vocab_size"], width)
        self.position_embeddings = nn.Embedding(config["max_position_embeddings"], width)
        self.token_type_embeddings = nn.Embedding(config["type_vocab_size"], width)
        self.LayerNorm = nn.LayerNorm(width, eps=config["layer_norm_eps"])
        self.dropout = nn.Dropout(config["hidden_dropout_prob"])

    def forward(self, ids):
        places = torch.arange(ids.shape[1], device=ids.device)
        types = torch.zeros_like(ids)
        summed = self.word_embeddings(ids) + self.token_type_embeddings(types) + self.position_embeddings(places)
        return self.dropout(self.LayerNorm(summed))


class SelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.heads, self.rate = config["num_attention_heads"], config["attention_probs_dropout_prob"]
        self.query, self.key, self.value = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, states, mask):
        batch, length, width = states.shape
        split = lambda x: x.view(batch, length, self.heads, -1).transpose(1, 2)
        queries, keys, values = split(self.query(states)), split(self.key(states)), split(self.value(states))
        rate = self.rate if self.training else 0
        context = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, dropout_p=rate)
        return context.transpose(1, 2).reshape(batch, length, width)


class Output(nn.Module):
    """A linear layer with dropout, added to the layer's input and normalised."""

    def __init__(self, config, inputs):
        super().__init__()
        self.dense = nn.Linear(inputs, config["hidden_size"])
        self.LayerNorm = nn.LayerNorm(config["hidden_size"], eps=config["layer_norm_eps"])
        self.dropout = nn.Dropout(config["hidden_dropout_prob"])

    def forward(self, states, residual):
        return self.LayerNorm(self.dropout(self.dense(states)) + residual)


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.attention = nn.ModuleDict({"self": SelfAttention(config), "output": Output(config, width)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, inner)})
        self.output = Output(config, inner)

    def forward(self, states, mask):
        attended = self.attention["output"](self.attention["self"](states, mask), states)
        return self.output(F.gelu(self.intermediate["dense"](attended)), attended)


class Bert(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embeddings = Embeddings(config)
        layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.encoder = nn.ModuleDict({"layer": layers})

    def forward(self, ids, mask):
        """Returns hidden states [B, L, D] of ids [B, L]. The mask [B, L] is true at real positions."""
        states, keys = self.embeddings(ids.long()), mask[:, None, None, :]
        for layer in self.encoder["layer"]:
            states = layer(states, keys)
        return states, mask


Encoder = Bert
