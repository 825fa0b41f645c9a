// verifie politique.txt data/journal/tete.tlog-proof data/journal/feuilles.jsonl : la dernière ligne est dans l'arbre qu'une
// clé du registre, de cette politique, a signé.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println("REFUSÉ :", err)
		os.Exit(1)
	}
	return value
}

// Les clés de journal d'une politique (C2SP tlog-policy).
func keys(policy []byte) (known []note.Verifier) {
	for _, line := range strings.Split(string(policy), "\n") {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "log" {
			known = append(known, must(note.NewVerifier(words[1])))
		}
	}
	return known
}

func main() {
	known := note.VerifierList(keys(must(os.ReadFile(os.Args[1])))...)
	proved := strings.SplitN(string(must(os.ReadFile(os.Args[2]))), "\n\n", 2)
	signed := must(note.Open([]byte(proved[1]), known))
	point := strings.Split(signed.Text, "\n")
	by := ""
	for _, each := range signed.Sigs {
		if each.Name == point[0] {
			by = fmt.Sprintf("%s+%08x", each.Name, each.Hash)
		}
	}
	if by == "" {
		must(0, fmt.Errorf("aucune clé nommée %s n'a signé", point[0]))
	}
	lines := strings.Split(proved[0], "\n")
	index := must(strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64))
	proof := tlog.RecordProof{}
	for _, line := range lines[2:] {
		proof = append(proof, must(tlog.ParseHash(line)))
	}
	leaves := bytes.Split(bytes.TrimRight(must(os.ReadFile(os.Args[3])), "\n"), []byte("\n"))
	leaf := tlog.RecordHash(leaves[len(leaves)-1])
	size, root := must(strconv.ParseInt(point[1], 10, 64)), must(tlog.ParseHash(point[2]))
	must(0, tlog.CheckRecord(proof, size, root, index, leaf))
	fmt.Println("inscrite : ligne", index+1, "sur", size, "signées par", by)
}
