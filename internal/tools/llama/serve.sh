#!/usr/bin/env bash
# Runs a command beside two of llama.cpp's servers, one that embeds and one that
# reranks, with ACCORD_TEST_EMBEDDING_URLS and ACCORD_TEST_RERANK_URLS set to them,
# and ends with that command's exit code. The reranking one speaks both formats.
#
# usage: serve.sh FOLDER COMMAND [ARG…]
set -euo pipefail
folder=$1
shift

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# serve NAME PORT [FLAG…] starts a server. Each of its slots holds the model's maximum of
# 512 tokens, and one batch holds all slots.
serve() {
	"$folder/llama-server" --model "$folder/$1.gguf" --host 127.0.0.1 --port "$2" \
		--parallel 8 --ctx-size 4096 --batch-size 4096 --ubatch-size 4096 "${@:3}" >"$folder/$1.log" 2>&1 &
}

# await NAME PORT returns when the server answers, within a minute.
await() {
	for _ in {1..120}; do
		if python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$2/health', timeout=1)" 2>/dev/null; then
			return
		fi
		sleep .5
	done
	echo "llama-server does not answer; $folder/$1.log ends with:" >&2
	tail "$folder/$1.log" >&2
	exit 1
}

embedding=$(free_port)
reranking=$(free_port)
trap 'kill $(jobs -p) || true; wait' EXIT
serve e5 "$embedding" --alias multilingual-e5-small --embedding --pooling mean
serve rank "$reranking" --reranking
await e5 "$embedding"
await rank "$reranking"
ACCORD_TEST_EMBEDDING_URLS="llamacpp+http://127.0.0.1:$embedding" \
	ACCORD_TEST_RERANK_URLS="http://127.0.0.1:$reranking tei+http://127.0.0.1:$reranking" "$@"
