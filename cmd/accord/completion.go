package main

import (
	"embed"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// completionScripts make a shell ask `accord __complete` for completions.
//
//go:embed completion
var completionScripts embed.FS

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help returns the examples of --help.
func (*completionCmd) Help() string {
	return examples(
		"source <(accord completion bash)",
		"source <(accord completion zsh)",
		"accord completion fish | source",
	)
}

// Run prints a script for a shell.
func (c *completionCmd) Run(io streams) error {
	script, err := completionScripts.ReadFile("completion/" + c.Shell)
	if err != nil {
		return err
	}
	_, err = io.out.Write(script)
	return err
}

type completeCmd struct {
	Words []string `arg:"" optional:"" help:"The words after the command's name. The last one is completed."`
}

// Run prints the words that can replace the last word of the command line, one per line.
func (c *completeCmd) Run(parsed *kong.Context, io streams) error {
	_, err := fmt.Fprintln(io.out, strings.Join(candidates(parsed.Model.Node, c.Words), "\n"))
	return err
}

// candidates returns the subcommands, flags or values that begin with the last of the
// words. It returns none if the value is free text or a file.
func candidates(node *kong.Node, words []string) (out []string) {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	node, value := walkWords(node, words[:len(words)-1])
	if node.DefaultCmd != nil && (last == "" || strings.HasPrefix(last, "-")) {
		node = node.DefaultCmd // the arguments and flags of the default command may follow
	}
	add := func(word string) {
		if strings.HasPrefix(word, last) {
			out = append(out, word)
		}
	}
	switch {
	case value != nil:
		addEnum(value, add)
	case strings.HasPrefix(last, "-"):
		for _, flags := range node.AllFlags(true) {
			for _, f := range flags {
				add("--" + f.Name)
			}
		}
	default:
		for _, child := range node.Children {
			if !child.Hidden {
				add(child.Name)
			}
		}
		for _, positional := range node.Positional {
			addEnum(positional, add)
		}
	}
	return out
}

// walkWords follows the words to the subcommand that they name. If the last word is a flag
// that takes the next word, value is the flag's value; otherwise it is nil.
func walkWords(node *kong.Node, words []string) (_ *kong.Node, value *kong.Value) {
	for _, word := range words {
		switch {
		case value != nil:
			value = nil
		case strings.HasPrefix(word, "-"):
			value = flagWithValue(node, word)
		default:
			for _, child := range node.Children {
				if child.Name == word {
					node = child
				}
			}
		}
	}
	return node, value
}

// flagWithValue returns the value of the flag that a word names, or nil if the flag is
// unknown or does not take the next word.
func flagWithValue(node *kong.Node, word string) *kong.Value {
	if node.DefaultCmd != nil {
		node = node.DefaultCmd
	}
	for _, flags := range node.AllFlags(false) {
		for _, f := range flags {
			if (word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short)) && !f.IsBool() {
				return f.Value
			}
		}
	}
	return nil
}

func addEnum(value *kong.Value, add func(string)) {
	if value.Enum != "" {
		for _, choice := range value.EnumSlice() {
			add(choice)
		}
	}
}
