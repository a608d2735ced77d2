// A reader of a tiled log (C2SP tlog-tiles) on Go's standard library alone: reads the checkpoint, a
// tile and the entries under a URL, and sees that they belong together. It shows that Go's own HTTP
// client takes what is served. Writes one JSON object to stdout.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

type said struct {
	Size         int    `json:"size"`
	RootHolds    bool   `json:"root_holds"`
	EntriesHold  bool   `json:"entries_hold"`
	Uncompressed bool   `json:"uncompressed"`
	NotModified  int    `json:"not_modified"`
	Missing      int    `json:"missing"`
	Type         string `json:"type"`
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func get(url string, header http.Header) (*http.Response, []byte) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	fail(err)
	for name, values := range header {
		request.Header[name] = values
	}
	answer, err := http.DefaultClient.Do(request)
	fail(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	fail(err)
	return answer, body
}

func leafHash(data []byte) []byte {
	sum := sha256.Sum256(append([]byte{0}, data...))
	return sum[:]
}

// root is MTH(D[n]) of RFC 6962 §2.1 over leaf hashes.
func root(hashes [][]byte) []byte {
	if len(hashes) == 1 {
		return hashes[0]
	}
	k := 1
	for k*2 < len(hashes) {
		k *= 2
	}
	node := append([]byte{1}, root(hashes[:k])...)
	sum := sha256.Sum256(append(node, root(hashes[k:])...))
	return sum[:]
}

func main() {
	base := os.Args[1]
	answer, checkpoint := get(base+"/checkpoint", nil)
	lines := strings.Split(string(checkpoint), "\n")
	size, err := strconv.Atoi(lines[1])
	fail(err)
	want, err := base64.StdEncoding.DecodeString(lines[2])
	fail(err)

	width := fmt.Sprintf("000.p/%d", size)
	_, tile := get(base+"/tile/0/"+width, nil)
	hashes := make([][]byte, 0, size)
	for n := 0; n+32 <= len(tile); n += 32 {
		hashes = append(hashes, tile[n:n+32])
	}

	// Go asks for gzip by itself and takes it off again, unless it is asked not to.
	packed, bundle := get(base+"/tile/entries/"+width, nil)
	_, plain := get(base+"/tile/entries/"+width, http.Header{"Accept-Encoding": {"identity"}})
	hold := bytes.Equal(bundle, plain)
	for n := 0; len(bundle) > 0; n++ {
		length := int(bundle[0])<<8 | int(bundle[1])
		hold = hold && n < size && bytes.Equal(leafHash(bundle[2:2+length]), hashes[n])
		bundle = bundle[2+length:]
	}

	again, _ := get(base+"/checkpoint", http.Header{"If-None-Match": {answer.Header.Get("ETag")}})
	missing, _ := get(base+"/tile/0/000", nil)
	fail(json.NewEncoder(os.Stdout).Encode(said{
		Size:         size,
		RootHolds:    len(hashes) == size && bytes.Equal(root(hashes), want),
		EntriesHold:  hold,
		Uncompressed: packed.Uncompressed,
		NotModified:  again.StatusCode,
		Missing:      missing.StatusCode,
		Type:         answer.Header.Get("Content-Type"),
	}))
}
