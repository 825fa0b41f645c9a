// verifie CLE data/journal/tete.tlog-proof data/journal/feuilles.jsonl : la dernière ligne est dans l'arbre que CLE a signé.
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

func main() {
	key := must(note.NewVerifier(os.Args[1]))
	proved := strings.SplitN(string(must(os.ReadFile(os.Args[2]))), "\n\n", 2)
	signed := must(note.Open([]byte(proved[1]), note.VerifierList(key)))
	point := strings.Split(signed.Text, "\n")
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
	fmt.Println("inscrite : ligne", index+1, "sur", size)
}
